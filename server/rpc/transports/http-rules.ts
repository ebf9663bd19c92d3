/**
 * What the TCP listener answers to an HTTP request, as data (docs/protocol/transport.md §7.1, in its order).
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
  /** Somebody who may not ask, and not only a wrong question: counted, and told to the log. */
  readonly refusal?: RefusalReason;
}

/**
 * `/metrics`, codexd's own (docs/protocol-extensions.md): 'metrics' when nothing speaks against it but perhaps the
 * credential; null when the request is about something else.
 */
export function judgeMetricsRequest(
  { method, url, headers }: HttpRequest,
  needsCredential: boolean,
): HttpAnswer | 'metrics' | null {
  if (url.split('?', 1)[0] !== '/metrics') return null;
  if (headers.origin !== undefined) return OF_A_PAGE;
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: '', allow: 'GET,HEAD' };
  return needsCredential || isOurName(headers.host ?? '') ? 'metrics' : { status: 403, body: '', refusal: 'host' };
}

const OF_A_PAGE: HttpAnswer = { status: 403, body: '', refusal: 'origin' };

function isOurName(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** What a listener answers by plain HTTP. */
export const PAGES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Why the daemon should get no new work, or null. What `/readyz` answers, made anew for each. Never throws. */
export type Readiness = () => string | null;

/**
 * The answer, or 'upgrade' when nothing speaks against a WebSocket but perhaps the credential. `/healthz` is about the
 * process and is always well when it answers; `/readyz` asks `readiness`.
 */
export function judgeRequest(
  { method, url, headers }: HttpRequest,
  readiness: Readiness = () => null,
): HttpAnswer | 'upgrade' {
  if (headers.origin !== undefined) return OF_A_PAGE;
  const place = url.split('?', 1)[0];
  if (place === '/healthz' || place === '/readyz') {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: '', allow: 'GET,HEAD' };
    const unready = place === '/readyz' ? readiness() : null;
    return unready === null ? { status: 200, body: '' } : { status: 503, body: unready };
  }
  if (method !== 'GET') return { status: 405, body: 'Request method must be `GET`' };
  if (!headers.connection?.toLowerCase().includes('upgrade')) {
    return { status: 400, body: "Connection header did not include 'upgrade'" };
  }
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return { status: 400, body: "`Upgrade` header did not include 'websocket'" };
  }
  if (headers['sec-websocket-version'] !== '13') {
    return { status: 400, body: "`Sec-WebSocket-Version` header did not include '13'" };
  }
  if (headers['sec-websocket-key'] === undefined) return { status: 400, body: '`Sec-WebSocket-Key` header missing' };
  return 'upgrade';
}
