import net from 'node:net';
import { asciiName } from '../../system/node/domain-names.js';

/**
 * The host of a `network_rule`. `reason` null: `pattern` is a plain host, with or without a port. Else the host is
 * invalid for an allowing rule; `pattern` is the pattern for a denying rule, or null if the meaning is not clear.
 */
export type RuleHost =
  { readonly pattern: string; readonly reason: null } | { readonly pattern: string | null; readonly reason: string };

/** RFC 1035 §2.3.4. */
const MAX_NAME = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

export function ruleHost(written: string): RuleHost {
  const text = written.trim();
  if (text === '') return { pattern: null, reason: 'network_rule host cannot be empty' };
  if (/[*?]/.test(text)) {
    const pattern = WILDCARDS.test(text) ? text : null;
    return { pattern, reason: 'network_rule host must be a specific host; wildcards are not allowed' };
  }
  const plain = plainHost(text);
  if (plain !== null) return { pattern: plain, reason: null };
  const reason = 'network_rule host must be a hostname or IP literal (without scheme or path)';
  const [, authority] =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@]+)/i.exec(text) ?? /^([^/?#@]+)[/?#]/.exec(text) ?? [];
  return { pattern: authority === undefined ? null : plainHost(authority), reason };
}

/** The syntax of a domain pattern in the configuration. */
const WILDCARDS = /^(?:\*\*?\.)?[a-z0-9_*?-]+(?:\.[a-z0-9_*?-]+)*$/i;

/** The host as a domain pattern, with its port; null: the text is not a host. */
function plainHost(text: string): string | null {
  if (net.isIPv6(text) && !text.includes('%')) return text;
  const [, bracketed, bare, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return null;
  const end = port === undefined ? '' : `:${Number(port)}`;
  if (bracketed !== undefined) return net.isIPv6(bracketed) && !bracketed.includes('%') ? `[${bracketed}]${end}` : null;
  if (bare === undefined) return null;
  if (net.isIPv4(bare)) return `${bare}${end}`;
  const name = asciiName(bare.endsWith('.') ? bare.slice(0, -1) : bare);
  if (name === null) return null;
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  // A numeric last label means an IPv4 address in another notation; only the dotted one is accepted.
  if (name.length > MAX_NAME || /^(?:[0-9]+|0x[0-9a-f]*)$/.test(last)) return null;
  return labels.every((label) => LABEL.test(label)) ? `${name}${end}` : null;
}
