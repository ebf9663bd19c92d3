/**
 * One allowed request to its upstream and the answer back, both bodies streaming, each side waiting for the other's
 * buffer. Nothing is retried but a request without a body whose kept connection had died unnoticed.
 */
import { isCode, CodexdError } from '../../../errors/codexd-error.js';
import type http from 'node:http';
import { type ClientEnd } from '../http/client-end.js';
import { upstreamFailure } from './refusal.js';
import type { Next } from '../http/local-answers.js';
import { startRequest, type UpstreamRequest } from '../upstream/upstream-request.js';

export interface Exchange extends UpstreamRequest {
  readonly client: ClientEnd;
  /** The answer to the client when the upstream fails; a default without it. */
  readonly failure?: string;
}

/** RFC 9110 §9.2.2, those without a body: a proxy may send them twice. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE']);

/**
 * Answers with the upstream's response, or 502. `close`: the client's connection cannot be used for further requests.
 */
export async function forward(exchange: Exchange): Promise<Next> {
  const { head, client } = exchange;
  const repeatable = head.body.kind === 'none' && IDEMPOTENT.has(head.method);
  try {
    try {
      return await attempt(exchange, !repeatable);
    } catch (error) {
      if (!isCode(error, 'proxy.stale')) throw error;
      return await attempt(exchange, true);
    }
  } catch (error) {
    if (isCode(error, 'proxy.cut-off') || client.gone) {
      client.cutOff(); // an answer without its end must not look whole; a client that is gone needs none
      return 'close';
    }
    return client.answer(upstreamFailure(exchange.failure, exchange.destination.scheme, error));
  }
}

/** A kept connection had been closed by its upstream before the request reached it. */
const staleConnection = (cause: unknown): CodexdError =>
  new CodexdError('proxy.stale', 'the upstream had closed the connection', { cause });

/** `fresh`: on a connection of its own, because the request must not be sent a second time. */
async function attempt(exchange: Exchange, fresh: boolean): Promise<Next> {
  const { client, head } = exchange;
  const { upstream, abandon } = startRequest(exchange, { fresh });
  upstream.once('continue', () => client.continue());
  const unwatch = client.watch(abandon); // a client that closes is gone, its upstream free at once
  let whole = false;
  try {
    const sent = sendBody(client, head.body.kind !== 'none', upstream);
    sent.catch(abandon); // the response may have come before, so the failure is not waited for
    const next = await client.pass(await responseOf(upstream));
    // The answer came before the whole request: the rest of the body is not the next request.
    whole = upstream.writableFinished;
    return whole ? next : 'close';
  } catch (error) {
    if (upstream.reusedSocket && !fresh && !isCode(error, 'proxy.cut-off')) throw staleConnection(error);
    throw error;
  } finally {
    unwatch();
    if (!whole) abandon();
  }
}

async function sendBody(client: ClientEnd, hasBody: boolean, upstream: http.ClientRequest): Promise<void> {
  if (hasBody) {
    upstream.flushHeaders();
    for await (const piece of client.body()) {
      if (upstream.destroyed) return;
      if (!upstream.write(piece)) await drained(upstream);
    }
  }
  upstream.end();
}

/** Resolves when there is room again, and when there never will be. */
function drained(upstream: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      upstream.off('drain', done);
      upstream.off('close', done);
      resolve();
    };
    upstream.once('drain', done);
    upstream.once('close', done);
  });
}

function responseOf(upstream: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    upstream.once('response', resolve);
    upstream.once('error', reject);
    upstream.once('close', () => reject(new Error('the upstream closed the connection')));
  });
}
