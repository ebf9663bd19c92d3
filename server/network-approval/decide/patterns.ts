/** Parses a domain pattern of a policy. Its error texts are facts of docs/protocol/network.md §1. */
import type { CodexdError } from '../../errors/codexd-error.js';
import { policyError } from '../../errors/network-errors.js';
import { canonicalWrittenHost, parsePort } from './targets.js';

export type Pattern = { readonly port: number | null } & (
  | { readonly kind: 'any' }
  /** A canonical host: a name or an IP literal. */
  | { readonly kind: 'exact'; readonly host: string }
  /** `*.base`; with `apex` (`**.base`) also the base itself. The base may contain wildcards in its labels. */
  | { readonly kind: 'below'; readonly base: string; readonly apex: boolean }
  /** Wildcards inside labels. */
  | { readonly kind: 'glob'; readonly base: string }
);

/** Throws `network.policy`. */
export function parsePattern(written: string): Pattern {
  const text = written.trim();
  const unsupported = (): CodexdError => policyError(`unsupported domain pattern syntax: ${text}`);
  if (text === '') throw policyError('domain pattern is empty');
  if (/[\x00-\x20\x7f/\\@#%{}!,]/.test(text)) throw unsupported();

  const { host, port } = splitWrittenPort(text);
  if (host === '[*]') return { kind: 'any', port };
  if (/[[\]]/.test(host) || host.includes(':')) {
    const literal = canonicalWrittenHost(host);
    if (literal?.kind === 'ipv6') return { kind: 'exact', host: literal.text, port };
    if (!/[[\]]/.test(host)) throw unsupported();
    throw policyError(`brackets are only supported for IPv6 literals or [*]: ${text}`);
  }
  const { base, below } = splitPrefix(host);
  if (base === '') throw policyError('domain pattern is empty');
  if (base.includes('**')) throw policyError(`unsupported repeated wildcard: ${text}`);
  if (below === null && base === '*') return { kind: 'any', port };

  const canonical = /[*?]/.test(base) ? canonicalGlob(base) : (canonicalWrittenHost(base)?.text ?? null);
  if (canonical === null) throw unsupported();
  if (below !== null) {
    if (canonicalWrittenHost(base)?.kind === 'ipv4') throw unsupported(); // an address has nothing below it
    return { kind: 'below', base: canonical, apex: below === 'and-itself', port };
  }
  return /[*?]/.test(base) ? { kind: 'glob', base: canonical, port } : { kind: 'exact', host: canonical, port };

  /** An invalid port gives a pattern that matches no target. */
  function splitWrittenPort(pattern: string): { host: string; port: number | null } {
    const bare = pattern.includes(':') && !pattern.includes('[') && pattern.indexOf(':') !== pattern.lastIndexOf(':');
    const colon = bare ? -1 : pattern.indexOf(':', pattern.lastIndexOf(']') + 1);
    if (colon < 0) return { host: pattern, port: null };
    const number = parsePort(pattern.slice(colon + 1));
    if (number === null) throw unsupported();
    return { host: pattern.slice(0, colon), port: number };
  }
}

function splitPrefix(host: string): { base: string; below: 'only' | 'and-itself' | null } {
  const rest = (length: number): string => host.slice(length).replace(/\.$/, '');
  if (host.startsWith('**.')) return { base: rest(3), below: 'and-itself' };
  if (host.startsWith('*.')) return { base: rest(2), below: 'only' };
  return { base: rest(0), below: null };
}

/**
 * Labels of host characters and wildcards, in lower case. Returns null when a label is empty or contains anything else.
 */
function canonicalGlob(base: string): string | null {
  const labels = base.toLowerCase().split('.');
  return labels.every((label) => /^[a-z0-9_*?-]{1,63}$/.test(label)) ? labels.join('.') : null;
}
