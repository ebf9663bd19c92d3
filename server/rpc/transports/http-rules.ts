/**
 * What our listeners answer to HTTP requests, as data (docs/protocol/transport.md §7.1, in its order).
 *
 * Threat: a web page in the user's browser that talks to loopback ports, directly or with a name that it rebinds to
 * 127.0.0.1. Rule: browsers put `Origin` on every WebSocket upgrade and every cross-origin request, and no other client
 * does: a request with one is refused before anything else, whatever it says, whatever `Host` says. What is left to a
 * rebinding page is a GET without Origin: a health check with an empty body. `/metrics` has a body, so it needs a
 * credential or a `Host` that is an address or `localhost`: a page's own name is neither.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { RefusalReason } from './refusals.js';

export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}
export interface HttpAnswer {
  readonly status: 200 | 400 | 401 | 403 | 405 | 503;
  /** Empty, or text. */
  readonly body: string;
  readonly allow?: string;
  /** An unauthorised request, and not only an invalid one: counted and logged. */
  readonly refusal?: RefusalReason;
}

/** What a listener answers by plain HTTP: health of the process, readiness, and codexd's own metrics. */
export const PAGES = ['/healthz', '/readyz', '/metrics'] as const;
export type Page = (typeof PAGES)[number];

/** By the path as it came, without its query: no other spelling of it is a page. */
export function pageOf(url: string): Page | null {
  const place = url.split('?', 1)[0];
  return PAGES.find((page) => page === place) ?? null;
}

/** Why the daemon should get no new work, or null. The answer of `/readyz`, computed for each request. Never throws. */
export type Readiness = () => string | null;

/**
 * What speaks against a request before it is looked at any further, but perhaps its credential; null: nothing. `page`:
 * what it asks for and is served here. `needsCredential`: who has one is no web page.
 */
export function objectionTo(
  { method, headers }: HttpRequest,
  page: Page | null,
  needsCredential: boolean,
): HttpAnswer | null {
  if (headers.origin !== undefined) return { status: 403, body: '', refusal: 'origin' };
  if (page === null) return method === 'GET' ? null : { status: 405, body: 'Request method must be `GET`' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: '', allow: 'GET,HEAD' };
  return page !== '/metrics' || needsCredential || isOurName(headers.host ?? '')
    ? null
    : { status: 403, body: '', refusal: 'host' };
}

function isOurName(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** The answer to a GET that asks for no page, or 'upgrade' when its headers ask for a WebSocket. */
export function judgeUpgrade({ headers }: Pick<HttpRequest, 'headers'>): HttpAnswer | 'upgrade' {
  if (!headers.connection?.toLowerCase().includes('upgrade')) return NO_UPGRADE;
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return { status: 400, body: "`Upgrade` header did not include 'websocket'" };
  }
  if (headers['sec-websocket-version'] !== '13') {
    return { status: 400, body: "`Sec-WebSocket-Version` header did not include '13'" };
  }
  if (headers['sec-websocket-key'] === undefined) return { status: 400, body: '`Sec-WebSocket-Key` header missing' };
  return 'upgrade';
}

/** Also what a request gets that Node did not recognise as an upgrade. */
export const NO_UPGRADE: HttpAnswer = { status: 400, body: "Connection header did not include 'upgrade'" };
