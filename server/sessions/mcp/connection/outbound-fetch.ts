/**
 * The SDK's HTTP transport on the daemon's own outbound connections: its proxies, its roots, its time limits
 * (model/endpoint/outbound.ts).
 *
 * Rule: a POST calls a tool, so it is sent once. It has a connection of its own: on a kept one that breaks, nobody
 * knows whether the server has read it.
 */
import { Readable } from 'node:stream';
import { isCode } from '../../../errors/codexd-error.js';
import type { Outbound, OutboundRequest } from '../../model/endpoint/outbound.js';

/** `headTimeoutMs`: a server may think for as long as a tool may take before it answers. */
export function outboundFetch(
  outbound: Outbound,
  headTimeoutMs: number,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init = {}) => {
    const request: OutboundRequest = {
      method: methodOf(init.method),
      url: new URL(url),
      headers: { ...plainHeaders(init.headers), ...(init.method === 'POST' ? { accept: ACCEPT } : {}) },
      body: typeof init.body === 'string' ? init.body : null,
      signal: init.signal ?? new AbortController().signal,
      headTimeoutMs,
      fresh: init.method === 'POST',
    };
    const { status, headers, body } = await outbound.send(request).catch((error: unknown) => {
      // A kept connection had been closed meanwhile.
      if (isCode(error, 'model.connection-closed')) return outbound.send({ ...request, fresh: true });
      throw error;
    });
    const told = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
    );
    if (!BODILESS.has(status)) {
      return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, { status, headers: told });
    }
    body.resume();
    return new Response(null, { status, headers: told });
  };
}

/** As the official program writes it. */
const ACCEPT = 'text/event-stream, application/json';

/** Answers that a Response may not be given a body for. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

function methodOf(method: string | undefined): OutboundRequest['method'] {
  return method === 'POST' || method === 'DELETE' ? method : 'GET';
}

function plainHeaders(headers: RequestInit['headers']): Record<string, string> {
  return Object.fromEntries(new Headers(headers));
}
