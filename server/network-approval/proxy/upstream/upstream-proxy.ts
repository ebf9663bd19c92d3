/**
 * The proxy that the daemon itself was started behind (`allow_upstream_proxy`, docs/protocol/network.md §3.7).
 *
 * Rule: the policy is asked first, with the target's own name and addresses; only what it allows is sent to the
 * upstream proxy. Non-scope: which address the upstream proxy then dials: it resolves the name itself, and the person
 * who configures it trusts it. A proxy that is set and cannot be used is an error, never a direct connection.
 */
import net from 'node:net';
import { CodexdError } from '../../../errors/codexd-error.js';
import { hostInUrl, parseAuthority, splitPort, type Target } from '../../decide/targets.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface UpstreamProxy {
  readonly target: Target;
  /** The value of Proxy-Authorization; null without credentials in the URL. */
  readonly authorization: string | null;
}

/** `unusable`: the variable names something else than an HTTP proxy. */
export type ProxyChoice =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: UpstreamProxy }
  | { readonly kind: 'unusable'; readonly variable: string };

/**
 * The proxy for a target by HTTP_PROXY or HTTPS_PROXY, then the variables of `otherwise`, and NO_PROXY. A value without
 * a scheme is taken for an HTTP proxy where `bare` allows it.
 */
export function chooseProxy(
  target: Target,
  scheme: 'http' | 'https',
  env: Environment,
  { otherwise = [], bare = false }: { readonly otherwise?: readonly string[]; readonly bare?: boolean } = {},
): ProxyChoice {
  const variable = [`${scheme}_proxy`, ...otherwise].find((name) => env[name] || env[name.toUpperCase()]);
  if (variable === undefined || exempt(target, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return { kind: 'direct' };
  const given = env[variable] || env[variable.toUpperCase()] || '';
  const url = bare && !given.includes('://') ? `http://${given}` : given;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const at = parsed?.protocol === 'http:' ? parseAuthority(parsed.host, 80) : null;
  if (parsed === null || at === null) return { kind: 'unusable', variable: variable.toUpperCase() };
  const authorization = basicCredentials(parsed);
  if (authorization === undefined) return { kind: 'unusable', variable: variable.toUpperCase() };
  return { kind: 'proxy', proxy: { target: at, authorization } };
}

/** Null: the URL has none; undefined: it has some that are not encoded as a URL's must be. */
function basicCredentials({ username, password }: URL): string | null | undefined {
  if (username === '') return null;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    return undefined; // `%zz` is not an octet.
  }
}

/** For the requests of commands. Null: go there directly. Throws when the variable names no HTTP proxy. */
export function upstreamProxyFor(target: Target, scheme: 'http' | 'https', env: Environment): UpstreamProxy | null {
  const choice = chooseProxy(target, scheme, env);
  if (choice.kind === 'unusable')
    throw new CodexdError('network.environment', `${choice.variable} is no http:// URL: only HTTP proxies can be used`);
  return choice.kind === 'proxy' ? choice.proxy : null;
}

/** The head that asks an HTTP proxy for a tunnel. */
export function connectRequest({ host, port }: Target, { authorization }: UpstreamProxy): string {
  const authority = `${hostInUrl(host)}:${port}`;
  const credentials = authorization === null ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`;
}

/**
 * A comma list of `*`, names (with what lies below them), addresses, and address blocks, each with a port or without.
 */
function exempt({ host, port }: Target, list: string): boolean {
  return list.split(',').some((entry) => {
    const text = entry.trim().toLowerCase();
    const bareIpv6 = !text.includes('[') && text.indexOf(':') !== text.lastIndexOf(':');
    const { hostText, portText } = bareIpv6 ? { hostText: text, portText: '' } : splitPort(text);
    if (hostText === '' || (portText !== '' && Number(portText) !== port)) return false;
    if (hostText === '*') return true;
    if (host.kind !== 'name') return inBlock(host.text, hostText.replace(/^\[(.*)\]$/, '$1'));
    const name = hostText.replace(/^\*?\./, '').replace(/\.$/, '');
    return host.text === name || host.text.endsWith(`.${name}`);
  });
}

function inBlock(address: string, block: string): boolean {
  const [base = '', length] = block.split('/');
  const family = net.isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const longest = family === 'ipv6' ? 128 : 32;
  const bits = length === undefined ? longest : Number(length);
  if (net.isIP(base) === 0 || net.isIP(base) !== net.isIP(address) || !(bits >= 0 && bits <= longest)) return false;
  const list = new net.BlockList();
  list.addSubnet(base, bits, family);
  return list.check(address, family);
}
