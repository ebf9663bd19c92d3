/**
 * Requests to authorization servers, as the `fetch` of the SDK.
 *
 * Threat: a server names addresses of this machine or of its network in its metadata, and the daemon asks there (SSRF);
 * an answer without end fills the memory; a redirect leads a secret elsewhere.
 *
 * Rule: a URL is https, or http on this machine, or on the MCP server itself. An address is no nearer to this machine
 * than the MCP server is. Answers have a limit, and a time for all of them together (the signal). Redirects are left to
 * the SDK, which stays on the same origin, and come back through here.
 *
 * Scope: all requests of a login and of a refresh. Non-scope: names that a proxy looks up.
 */
import { CodexdError } from '../../../errors/codexd-error.js';
import { addressClass, type AddressClass } from '../../../network-approval/decide/addresses.js';
import type { Outbound, OutboundAnswer, OutboundRequest } from '../../model/endpoint/outbound.js';
import { isLoopback } from '../../model/provider/local-servers.js';
import type { Fetch } from './authorized-fetch.js';

export interface OauthHttp {
  readonly fetch: Fetch;
  /** Status and headers of a GET at the MCP server; the body is not read. */
  probe(): Promise<Response>;
}

export interface OauthHttpOptions {
  readonly outbound: Outbound;
  readonly server: URL;
  /** The configured headers; the MCP server alone gets them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The time of the requests; asked with each. */
  readonly signal: () => AbortSignal;
}

/** Of an answer, in bytes. */
const MAX_ANSWER = 1024 * 1024;
/** Until an answer begins, in milliseconds. */
const HEAD_TIMEOUT_MS = 10_000;

/** The MCP server's addresses are looked up once, with the first request. */
export function oauthHttp({ outbound, server, headers, signal }: OauthHttpOptions): OauthHttp {
  let nearest: number = NEARNESS.global;
  /** What the MCP server's own addresses are, nobody judges: a person has configured it. */
  const observe = (address: string): void => {
    nearest = Math.max(nearest, Math.min(nearnessOf(address), NEARNESS.machine));
  };
  const judge = (address: string): void => {
    if (nearnessOf(address) <= nearest) return;
    throw refused(
      `${server.host} names ${address}, which is nearer to this machine than itself. If that is right, give the server a token: \`bearer_token_env_var\``,
    );
  };
  const send = (url: URL, init: RequestInit): Promise<OutboundAnswer> => {
    const own = url.origin === server.origin;
    if (!own) checkUrl(url);
    const { body } = init;
    const text = body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : null;
    const request: OutboundRequest = {
      method: init.method === 'POST' ? 'POST' : 'GET',
      url,
      headers: { accept: '*/*', ...(own ? headers : {}), ...Object.fromEntries(new Headers(init.headers)) },
      body: text,
      signal: signal(),
      headTimeoutMs: HEAD_TIMEOUT_MS,
      fresh: true,
      judge: own ? observe : judge,
    };
    return outbound.send(request);
  };
  return {
    async fetch(url, init = {}) {
      const target = new URL(url);
      const { status, headers: told, body } = await send(target, init);
      const parts: Buffer[] = [];
      let length = 0;
      for await (const part of body as AsyncIterable<Buffer>) {
        length += part.length;
        if (length > MAX_ANSWER) {
          body.destroy();
          throw refused(`the answer of ${target.origin}${target.pathname} is larger than ${MAX_ANSWER} bytes`);
        }
        parts.push(part);
      }
      const empty = status === 204 || status === 205 || status === 304;
      return new Response(empty ? null : Buffer.concat(parts), { status, headers: pairs(told) });
    },
    async probe() {
      const { status, headers: told, body } = await send(server, { headers: { 'mcp-protocol-version': VERSION } });
      body.destroy();
      return new Response(null, { status: status < 200 ? 200 : status, headers: pairs(told) });
    },
  };
}

/** The version that the official program names when it asks for metadata. */
const VERSION = '2024-11-05';

/** Throws `mcp.login` for a URL that a login must not use. */
export function checkUrl(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return;
  throw refused(`${url.href} is refused: a login uses https, and http on this machine only`);
}

export const refused = (message: string): CodexdError => new CodexdError('mcp.login', message);

/** How near to this machine an address is. */
const NEARNESS = { global: 0, network: 1, machine: 2, secret: 3 } as const;
const OF_CLASS: Readonly<Partial<Record<AddressClass, number>>> = {
  global: NEARNESS.global,
  loopback: NEARNESS.machine,
  unspecified: NEARNESS.machine,
  'own-interface': NEARNESS.machine,
  'link-local': NEARNESS.secret,
  metadata: NEARNESS.secret,
};

const nearnessOf = (address: string): number => OF_CLASS[addressClass(address)] ?? NEARNESS.network;

const pairs = (headers: OutboundAnswer['headers']): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
