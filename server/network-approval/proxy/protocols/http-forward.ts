/**
 * One allowed request to its upstream and the answer back, both bodies streaming, each side waiting for the other's
 * buffer. Nothing is retried but what the upstream says it has not acted on, and a request that may be sent twice whose
 * kept connection had died unnoticed; neither with a body.
 */
import type { Writable } from 'node:stream';
import { isCode, CodexdError } from '../../../errors/codexd-error.js';
import { type ClientEnd } from '../http/client-end.js';
import type { Header } from '../http/request-head.js';
import { upstreamFailure } from './refusal.js';
import type { Next } from '../http/local-answers.js';
import { sendRequest } from '../upstream/send-request.js';
import type { SentRequest, UpstreamRequest } from '../upstream/upstream-request.js';

export interface Exchange extends UpstreamRequest {
  readonly client: ClientEnd;
  /** The answer to the client when the upstream fails; a default without it. */
  readonly failure?: string;
  /** In place of the client's, which has been read. */
  readonly body?: Buffer;
  /** What of the fields behind the body goes to the upstream; without it, all of them. */
  readonly trailers?: (fields: readonly Header[]) => readonly Header[];
}

/** RFC 9110 §9.2.2, those without a body: a proxy may send them twice. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE']);

/**
 * Answers with the upstream's response, or 502. `close`: the client's connection cannot be used for further requests.
 */
export async function forward(exchange: Exchange): Promise<Next> {
  const { client } = exchange;
  try {
    try {
      return await attempt(exchange, false);
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

/** A kept connection had been closed by its upstream before the request reached it, or the upstream has refused it. */
const staleConnection = (cause: unknown): CodexdError =>
  new CodexdError('proxy.stale', 'the upstream had closed the connection', { cause });

/** `again`: the second time, on a connection that is new. */
async function attempt(exchange: Exchange, again: boolean): Promise<Next> {
  const { client, head } = exchange;
  const hasBody = head.body.kind !== 'none';
  const isRepeatable = !hasBody && IDEMPOTENT.has(head.method);
  const { sent, abandon } = sendRequest(exchange, {
    // On a connection of its own, because the request must not be sent a second time.
    fresh: again || !isRepeatable,
    again,
    inform: (status, rawHeaders) => client.inform(status, rawHeaders),
  });
  const unwatch = client.watch(abandon); // a client that closes is gone, its upstream free at once
  let whole = false;
  let request: SentRequest | null = null;
  try {
    request = await sent;
    const sending = sendBody(exchange, hasBody, request);
    sending.catch(abandon); // the response may have come before, so the failure is not waited for
    const next = await client.pass(await request.answer);
    // The answer came before the whole request: the rest of the body is not the next request.
    whole = request.isWhole;
    return whole ? next : 'close';
  } catch (error) {
    const failure = request?.failure;
    const isStale = failure === 'unprocessed' ? !hasBody : failure === 'kept' && isRepeatable;
    if (isStale && !again && !isCode(error, 'proxy.cut-off')) throw staleConnection(error);
    throw error;
  } finally {
    unwatch();
    if (!whole) abandon();
  }
}

async function sendBody(
  { client, body: made, trailers = (fields) => fields }: Exchange,
  hasBody: boolean,
  request: SentRequest,
): Promise<void> {
  const { body } = request;
  if (hasBody) {
    request.begin();
    for await (const piece of made === undefined ? client.body() : [made]) {
      if (body.destroyed) return;
      if (!body.write(piece)) await drained(body);
    }
    if (body.destroyed) return;
  }
  request.end(hasBody ? trailers(client.trailers()) : []);
}

/** Resolves when there is room again, and when there never will be. */
function drained(body: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      body.off('drain', done);
      body.off('close', done);
      resolve();
    };
    body.once('drain', done);
    body.once('close', done);
  });
}
