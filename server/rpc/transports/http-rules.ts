/**
 * The listeners' answers to HTTP requests, as data (docs/protocol/transport.md §7.1, in its order).
 *
 * Threat: a web page in the user's browser accesses loopback ports, directly or through a name that it rebinds to
 * 127.0.0.1.
 * Rule: browsers send `Origin` with every WebSocket upgrade and every cross-origin request; other clients do not. A
 * request with `Origin` is refused before every other check, whatever its value or `Host`. A rebinding page can still
 * send a GET without Origin: a health check with an empty body. `/metrics` has a body, so it needs a credential, or a
 * `Host` that is an address or `localhost`; a page's own name is neither.
 * Non-scope: the paths of the console, where a listener serves it (console/pages.ts). They are judged there alone.
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
  readonly status: 200 | 400 | 401 | 403 | 405 | 413 | 429 | 503;
  /** Empty, or text. */
  readonly body: string;
  readonly allow?: string;
  /** An unauthorised request, and not only an invalid one: counted and logged. */
  readonly refusal?: RefusalReason;
}

/** A listener's pages for plain HTTP: health of the process, readiness, and codexd's own metrics. */
export const PAGES = ['/healthz', '/readyz', '/metrics'] as const;
export type Page = (typeof PAGES)[number];

/** Compares the path as received, without its query. No other spelling of the path is a page. */
export function pageOf(url: string): Page | null {
  const place = url.split('?', 1)[0];
  return PAGES.find((page) => page === place) ?? null;
}

/** Why the daemon should get no new work, or null. The answer of `/readyz`, computed for each request. Never throws. */
export type Readiness = () => string | null;

/**
 * Returns the first objection to a request, apart from its credential; null: none. `page`: the requested page, if it is
 * served here. `needsCredential`: a client with a credential is not a web page.
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

/** The answer to a GET without a page, or 'upgrade' when its headers request a WebSocket. */
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

/** Also the answer to a request that Node did not recognise as an upgrade. */
export const NO_UPGRADE: HttpAnswer = { status: 400, body: "Connection header did not include 'upgrade'" };
