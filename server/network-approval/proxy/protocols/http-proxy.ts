/**
 * A client's connection to the HTTP proxy: request after request, each judged by itself (docs/protocol/network.md §3).
 *
 * Threat: an allowed request that opens the door for what follows it on the same connection.
 * Rule: whose command it is comes with the connection and never from its bytes; every request is parsed strictly
 * (conversation.ts) and decided separately.
 *
 * The way of a request:
 *   serveRequests   reads its head                            http/conversation, byte-reader, request-head
 *   serveRequest    finds its target and asks for a verdict   http/request-target, upstream/command-port
 *   forward         sends it on and passes the answer back    http-forward, upstream/upstream-request, http1-client
 *   pool            finds or makes its connection             upstream/pool, upstream/dial
 * CONNECT, SOCKS5 and transparent connections: `openTarget`, then `relay` (first-flight, upstream/tunnel,
 * upstream/dial).
 */
import type net from 'node:net';
import { ByteReader } from '../http/byte-reader.js';
import type { CommandPort } from '../upstream/command-port.js';
import { closeWithAnswer } from './close-with-answer.js';
import { connect } from './connect.js';
import { answerLocally, serveRequests, type Served } from '../http/conversation.js';
import { http1Client } from './http1-client.js';
import { forward } from './http-forward.js';
import { refusedRequest } from './refusal.js';
import type { RequestHead } from '../http/request-head.js';
import { destinationOf } from '../http/request-target.js';
import { answerBytes, writeAnswer, type LocalAnswer, type Next } from '../http/local-answers.js';
import { openWebSocket, wantsWebSocket } from './web-socket.js';

/** Serves one connection until it closes. Never throws. */
export function serveHttp(socket: net.Socket, command: CommandPort): void {
  socket.on('error', () => socket.destroy()); // 'close' follows, which everybody listens to
  if (!command.admit(socket)) {
    return closeWithAnswer(
      socket,
      answerBytes(null, { status: 503, type: 'text/plain', body: 'too many connections' }, 'close'),
    );
  }
  const reader = new ByteReader(socket);
  const serve = (request: RequestHead): Promise<Served> =>
    request.method === 'CONNECT'
      ? serveConnect(request, reader, socket, command)
      : serveRequest(request, reader, socket, command);
  serveRequests(socket, reader, serve).catch((error: unknown) => {
    command.fault(error);
    socket.destroy();
  });
}

async function serveConnect(
  request: RequestHead,
  reader: ByteReader,
  socket: net.Socket,
  command: CommandPort,
): Promise<Served> {
  // A body before the tunnel would be bytes that two readers count differently.
  if (request.body.kind === 'none') return connect(request, reader, socket, command);
  writeAnswer(socket, null, { status: 400 }, 'close');
  return 'close';
}

async function serveRequest(
  request: RequestHead,
  reader: ByteReader,
  socket: net.Socket,
  command: CommandPort,
): Promise<Served> {
  const local = (answer: LocalAnswer): Promise<Next> => answerLocally(request, answer, reader, socket);
  if (request.headers.some(({ key }) => key === 'x-unix-socket')) {
    return local({ status: 501, type: 'text/plain', body: 'unix sockets unsupported' });
  }
  const destination = destinationOf(request);
  if ('problem' in destination) {
    if (destination.problem !== '') return local({ status: 400, type: 'text/plain', body: destination.problem });
    writeAnswer(socket, null, { status: 400 }, 'close');
    return 'close';
  }
  const { target } = destination;
  const webSocket = wantsWebSocket(request);
  // Opening a WebSocket is CONNECT by another name (RFC 8441 §4): two ways, no methods to judge inside.
  const method = webSocket ? 'CONNECT' : request.method;
  const outcome = await command.decide({ protocol: 'http', target, method });
  if (outcome.kind === 'denied') return 'denied';
  if (outcome.kind === 'refused') return local(refusedRequest(outcome.refused));
  const exchange = { head: request, destination, outcome, command, client: http1Client(request, reader, socket) };
  return webSocket ? openWebSocket(exchange, reader, socket) : forward(exchange);
}
