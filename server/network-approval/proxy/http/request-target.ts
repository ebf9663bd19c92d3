/**
 * Where a request goes: its target and its Host header, which must agree (docs/protocol/network.md §3; RFC 9112 §3.2).
 *
 * Threat: the policy judges one of the two and the upstream routes by the other.
 * Rule: they name the same host and port, or the request is refused; what goes upstream is rebuilt from what was
 * judged.
 */
import { canonicalHost, parseAuthority, splitPort, withoutUserInfo, type Target } from '../../decide/targets.js';
import type { RequestHead } from './request-head.js';

export interface Destination {
  readonly target: Target;
  readonly scheme: 'http' | 'https';
  /** Origin form: path and query, or `*`. */
  readonly path: string;
}

/** A 400: the text of its body; with '' the connection is closed too. */
export interface BadTarget {
  readonly problem: string;
}

export const DEFAULT_PORTS = { http: 80, https: 443 } as const;
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/;

/** A target in absolute form (RFC 9112 §3.2.2), in its parts as written; null when it is in another form. */
export function absoluteTarget(text: string): AbsoluteTarget | null {
  const [, scheme, authority, rest = ''] = ABSOLUTE.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return null;
  return { scheme: scheme.toLowerCase(), authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

export interface AbsoluteTarget {
  /** Lower case. */
  readonly scheme: string;
  readonly authority: string;
  /** Path and query, with a leading slash; a fragment is dropped. */
  readonly path: string;
}

export function destinationOf(head: RequestHead): Destination | BadTarget {
  const hosts = head.headers.filter(({ key }) => key === 'host').map(({ value }) => value);
  const absolute = absoluteTarget(head.target);
  if (hosts.length > 1) return { problem: 'multiple Host headers' };
  if (absolute !== null) return absoluteForm(absolute, hosts[0] ?? null);
  if (!head.target.startsWith('/') && head.target !== '*') return { problem: '' };
  return originForm(head.target, hosts[0] ?? null);
}

function absoluteForm({ scheme, authority, path }: AbsoluteTarget, host: string | null): Destination | BadTarget {
  if (authority === '') return { problem: '' };
  if (scheme !== 'http' && scheme !== 'https') return { problem: 'Host header does not match request target' };
  const plain = withoutUserInfo(authority);
  if (plain === null) return { problem: '' };
  if (canonicalHost(splitPort(plain).hostText) === null) return { problem: 'missing host' };
  const defaultPort = DEFAULT_PORTS[scheme];
  const target = parseAuthority(plain, defaultPort);
  const named = host === null || host === plain ? target : parseAuthority(host, defaultPort);
  if (target === null || named === null) return { problem: 'invalid Host header' };
  if (!agree(target, named) || (host !== null && dotted(host) !== dotted(plain)))
    return { problem: 'Host header does not match request target' };
  return { target, scheme, path };
}

function originForm(path: string, host: string | null): Destination | BadTarget {
  if (host === null) return { problem: 'missing host' };
  const { hostText } = splitPort(host);
  if (hostText !== '' && canonicalHost(hostText) === null) return { problem: 'missing host' };
  const target = parseAuthority(host, DEFAULT_PORTS.http);
  return target === null
    ? { problem: 'invalid Host header' }
    : { target, scheme: 'http', path: path.replace(/#.*$/, '') };
}

/** `host[:port]`, also inside a URL, user information dropped; null when it names nothing. */
export function connectTarget(text: string): Target | null {
  const { scheme = 'https', authority = text } = absoluteTarget(text) ?? {};
  return parseAuthority(authority, DEFAULT_PORTS[scheme === 'http' ? 'http' : 'https'], { userInfo: true });
}

/** Host text apart from case, and the port. */
const agree = (a: Target, b: Target): boolean => a.host.text === b.host.text && a.port === b.port;

/** A trailing dot is a difference, which the canonical form hides. */
const dotted = (text: string): boolean => /\.(?::[0-9]*)?$/.test(text);
