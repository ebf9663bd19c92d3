/**
 * A WebSocket that is opened through a plain request (RFC 6455 §4.1). The reference removes the Upgrade header.
 *
 * Threat: a tunnel without a verdict, or one that begins before the upstream has agreed: the next bytes would be
 * requests for one side and frames for the other (request smuggling). Rule: only `websocket`, judged like any request.
 * Nothing of the client passes before the upstream's own 101 for that protocol; any other answer is an ordinary answer.
 * An upgrade to another protocol (h2c) continues as a plain request. Non-scope: the content of frames; limited mode,
 * which refuses the opening.
 */
import { CodexdError, isCode } from '../../../errors/codexd-error.js';
import type http from 'node:http';
import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import { clientHeaders } from '../http/headers.js';
import type { Exchange } from './http-forward.js';
import { upstreamFailure } from './refusal.js';
import { listed, type RequestHead } from '../http/request-head.js';
import { responseHead, type Next } from '../http/local-answers.js';
import { passFailureOn } from '../upstream/tunnel.js';
import { http1Answer, startRequest, type StartedRequest } from '../upstream/upstream-request.js';

/** Whether the request would have its connection turned into a WebSocket. */
export function wantsWebSocket({ method, minorVersion, headers, body }: RequestHead): boolean {
  return (
    method === 'GET' &&
    minorVersion === 1 &&
    body.kind === 'none' &&
    listed(headers, 'upgrade').has('websocket') &&
    listed(headers, 'connection').has('upgrade')
  );
}

/** What became of the request to the upstream. */
type Reply =
  | {
      readonly kind: 'opened';
      readonly response: http.IncomingMessage;
      readonly upstream: net.Socket;
      readonly first: Buffer;
    }
  | { readonly kind: 'answered'; readonly response: http.IncomingMessage };

/** `relayed`: the connection is a WebSocket now. Else the upstream's own answer, or 502, has been passed on. */
export async function openWebSocket(
  exchange: Exchange,
  reader: ByteReader,
  socket: net.Socket,
): Promise<Next | 'relayed'> {
  const { head, client, destination } = exchange;
  let started: StartedRequest | null = null;
  let unwatch = (): void => {};
  try {
    started = startRequest(exchange, { fresh: true, upgrade: 'websocket' });
    unwatch = client.watch(started.abandon);
    const reply = await replyTo(started.upstream);
    if (reply.kind === 'answered') return await client.pass(http1Answer(reply.response));
    const { response, upstream, first } = reply;
    if (response.headers.upgrade?.toLowerCase() !== 'websocket') {
      upstream.destroy();
      throw new CodexdError('network.upstream', 'the upstream switched to another protocol');
    }
    socket.write(switchingHead(head, response), 'latin1');
    unwatch();
    join(socket, reader.release(), upstream, first);
    return 'relayed';
  } catch (error) {
    started?.abandon();
    if (client.gone || isCode(error, 'proxy.cut-off')) client.cutOff();
    else return client.answer(upstreamFailure(exchange.failure, destination.scheme, error));
    return 'close';
  } finally {
    unwatch();
  }
}

function replyTo(request: http.ClientRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request.once('upgrade', (response, upstream: net.Socket, first) =>
      resolve({ kind: 'opened', response, upstream, first }),
    );
    request.once('response', (response) => resolve({ kind: 'answered', response }));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the upstream closed the connection')));
    request.end();
  });
}

/** The upstream's 101 without what is meant for one hop, but for what makes it a 101. */
function switchingHead(head: RequestHead, response: http.IncomingMessage): string {
  const headers = [
    ...clientHeaders(response.rawHeaders),
    { name: 'Connection', key: 'connection', value: 'Upgrade' },
    { name: 'Upgrade', key: 'upgrade', value: 'websocket' },
  ];
  return responseHead(head, { status: 101, phrase: response.statusMessage ?? '', headers }, 'as-is', 'keep');
}

/** Frames both ways; each side's end and each side's failure are passed on. */
function join(socket: net.Socket, early: Buffer, upstream: net.Socket, first: Buffer): void {
  passFailureOn(socket, upstream);
  passFailureOn(upstream, socket);
  if (first.length > 0) socket.write(first);
  if (early.length > 0) upstream.write(early);
  upstream.pipe(socket);
  if (socket.readableEnded) upstream.end();
  else socket.pipe(upstream);
}
