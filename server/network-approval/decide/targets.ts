/**
 * Parses the target of a request once into one canonical value. Only this value is used afterwards: rules judge it, the
 * resolver looks it up, and the dial and the Host header use it.
 *
 * Threat: two readers of one text disagree (`evil.test\0.ok.test`, `0x7f.1`, `ok.test@evil.test`, `ok.test.`), so a
 * rule judges one host and the dial reaches another.
 * Rule: text that is not plainly a DNS name or an IP address is refused. Every valid host has exactly one spelling.
 * Scope: hosts and authorities of every protocol, and the hosts in domain patterns.
 * Non-scope: whether the target may be reached (decide.ts).
 */
import { asciiName } from '../../system/node/domain-names.js';

export interface Host {
  readonly kind: 'name' | 'ipv4' | 'ipv6';
  /** Lower case, no trailing dot, no brackets; A-labels; RFC 5952 for IPv6, dotted decimal for IPv4. */
  readonly text: string;
}

export interface Target {
  readonly host: Host;
  /** 1 to 65535. */
  readonly port: number;
}

/** RFC 1035 §2.3.4: octets of a name without the root's dot, and of one label. */
const MAX_NAME = 253;
const MAX_LABEL = 63;
/** RFC 952 excludes `_` from host names, but DNS names in use contain it. */
const LABEL = /^[a-z0-9_-]+$/;
/** A last label that makes a host an IPv4 address or invalid (WHATWG URL, "ends in a number"). */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/;

/**
 * Returns the canonical form of a host from the wire, with or without brackets around IPv6; null for an invalid host.
 * Octets above 0x7f are refused: a client sends an internationalised name as A-labels.
 */
export function canonicalHost(raw: string): Host | null {
  if (raw.startsWith('[')) return raw.endsWith(']') ? ipv6(raw.slice(1, -1)) : null;
  if (raw.includes(':')) return ipv6(raw);
  const text = (raw.endsWith('.') ? raw.slice(0, -1) : raw).toLowerCase();
  if (text.length === 0 || text.length > MAX_NAME) return null;
  const labels = text.split('.');
  if (!labels.every((label) => label.length <= MAX_LABEL && LABEL.test(label))) return null;
  if (NUMBER.test(labels.at(-1) ?? '')) return ipv4(labels);
  if (text.includes('xn--') && asciiName(text) !== text) return null;
  return { kind: 'name', text };
}

/** Like canonicalHost, for a host that a person wrote: Unicode names are mapped to A-labels (UTS 46). */
export function canonicalWrittenHost(raw: string): Host | null {
  return canonicalHost(/^[\x00-\x7f]*$/.test(raw) ? raw : (asciiName(raw) ?? ''));
}

/**
 * `host`, `host:port`, `[v6]:port`. User information before an `@` is dropped where `userInfo` allows it (RFC 3986
 * §3.2). null for an invalid host or port.
 */
export function parseAuthority(
  raw: string,
  defaultPort: number,
  { userInfo = false }: { readonly userInfo?: boolean } = {},
): Target | null {
  const plain = userInfo ? withoutUserInfo(raw) : raw;
  if (plain === null) return null;
  const { hostText, portText } = splitPort(plain);
  const host = canonicalHost(hostText);
  const port = portText === '' ? defaultPort : parsePort(portText);
  return host === null || port === null ? null : { host, port };
}

/** RFC 3986 §3.2.1. */
const USER_INFO = /^(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*$/;

/**
 * Returns an authority without its user information; null when the text before the last `@` is not valid user
 * information. Some readers end the host at a backslash, a second `@` or a `#`, so they would see another host.
 */
export function withoutUserInfo(authority: string): string | null {
  const at = authority.lastIndexOf('@');
  return USER_INFO.test(authority.slice(0, Math.max(at, 0))) ? authority.slice(at + 1) : null;
}

/** Splits at the colon that is not inside an IPv6 literal. An empty or missing port is ''. */
export function splitPort(authority: string): { readonly hostText: string; readonly portText: string } {
  const bracket = authority.lastIndexOf(']');
  const colon = authority.indexOf(':', bracket + 1);
  if (colon < 0) return { hostText: authority, portText: '' };
  return { hostText: authority.slice(0, colon), portText: authority.slice(colon + 1) };
}

/** Decimal digits, 1 to 65535; null for anything else. */
export function parsePort(text: string): number | null {
  if (!/^[0-9]{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}

/** The host as written in a URL or a Host header. */
export function hostInUrl(host: Host): string {
  return host.kind === 'ipv6' ? `[${host.text}]` : host.text;
}

/** The value of a Host header, without the scheme's own port. */
export function authorityText(target: Target, defaultPort: number | null): string {
  const host = hostInUrl(target.host);
  return target.port === defaultPort ? host : `${host}:${target.port}`;
}

/**
 * inet_aton: one to four parts, each decimal, octal (`0…`) or hexadecimal (`0x…`); the last fills the remaining octets.
 */
function ipv4(parts: readonly string[]): Host | null {
  if (parts.length > 4) return null;
  let value = 0;
  for (const [index, part] of parts.entries()) {
    const number = ipv4Part(part);
    const last = index === parts.length - 1;
    if (number === null || number >= (last ? 256 ** (4 - index) : 256)) return null;
    value += number * (last ? 1 : 256 ** (3 - index));
  }
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);
  return { kind: 'ipv4', text: octets.join('.') };
}

function ipv4Part(part: string): number | null {
  if (/^0x[0-9a-f]*$/.test(part)) return part === '0x' ? 0 : Number.parseInt(part.slice(2), 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9][0-9]*$/.test(part) ? Number(part) : null;
}

/** RFC 5952, as the URL parser writes it. A zone id (`%`) is refused, because it names an interface of this machine. */
function ipv6(raw: string): Host | null {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(raw) || !URL.canParse(`http://[${raw}]`)) return null;
  const text = new URL(`http://[${raw}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return { kind: 'ipv6', text };
  const halves = [Number.parseInt(high, 16), Number.parseInt(low, 16)]; // mapped IPv4 keeps its dots (RFC 5952 §5)
  return { kind: 'ipv6', text: `::ffff:${halves.map((half) => `${half >> 8}.${half & 0xff}`).join('.')}` };
}
