/**
 * A client's connection to the HTTP proxy: request after request, each judged by itself (spec/network.md §3).
 *
 * Threat: an allowed request that opens the door for what follows it on the same connection; a client that holds
 * resources with half a head or a body nobody reads.
 * Rule: whose command it is comes with the connection and never from its bytes; every request is parsed strictly and
 * decided anew; what is malformed ends the connection.
 */
import type net from 'node:net';
import { ByteReader, type HeadProblem } from './byte-reader.js';
import type { Channel } from './channel.js';
import { connect } from './connect.js';
import { forward } from './http-forward.js';
import { refusedRequest } from './refusal.js';
import { discardBody } from './request-body.js';
import { parseRequestHead, type RequestHead } from './request-head.js';
import { destinationOf } from './request-target.js';
import { writeAnswer, type LocalAnswer, type Next } from './responses.js';

/** Octets of a request's head; Node's own limit. */
const MAX_HEAD = 16 * 1024;
/** Milliseconds from a head's first octet to its last. */
const HEAD_TIMEOUT_MS = 15_000;
/** Octets of a refused request's body that are read and dropped to keep the connection. */
const MAX_DISCARDED = 256 * 1024;
/** Milliseconds that a closing connection still reads, so that the answer is not lost to a reset. */
const LINGER_MS = 2000;

const HEAD_ANSWERS: Readonly<Record<HeadProblem | 'too-many', LocalAnswer | null>> = {
  ended: null,
  'cut-off': null,
  malformed: { status: 400 },
  'too-large': { status: 431 },
  'too-many': { status: 431 },
  timeout: { status: 408 },
};

/** Serves one connection until it closes. Never throws. */
export function serveHttp(socket: net.Socket, channel: Channel): void {
  socket.on('error', () => socket.destroy()); // 'close' follows, which everybody listens to
  if (!channel.admit(socket)) {
    writeAnswer(socket, null, { status: 503, type: 'text/plain', body: 'too many connections' }, 'close');
    return void socket.destroySoon();
  }
  converse(socket, channel).catch((error: unknown) => {
    channel.fault(error);
    socket.destroy();
  });
}

async function converse(socket: net.Socket, channel: Channel): Promise<void> {
  const reader = new ByteReader(socket);
  for (;;) {
    const head = await reader.head(MAX_HEAD, HEAD_TIMEOUT_MS);
    const request = typeof head === 'string' ? head : parseRequestHead(head);
    if (typeof request === 'string') {
      const answer = HEAD_ANSWERS[request];
      if (answer !== null) writeAnswer(socket, null, answer, 'close');
      return linger(socket, reader);
    }
    const next =
      request.method === 'CONNECT'
        ? await serveConnect(request, reader, socket, channel)
        : await serveRequest(request, reader, socket, channel);
    if (next === 'taken') return;
    if (next === 'held') return hold(socket, reader);
    if (next === 'close' || socket.destroyed) return linger(socket, reader);
  }
}

async function serveConnect(request: RequestHead, reader: ByteReader, socket: net.Socket, channel: Channel) {
  // A body before the tunnel would be bytes that two readers count differently.
  if (request.body.kind === 'none') return connect(request, reader, socket, channel);
  writeAnswer(socket, null, { status: 400 }, 'close');
  return 'close' as const;
}

async function serveRequest(
  request: RequestHead,
  reader: ByteReader,
  socket: net.Socket,
  channel: Channel,
): Promise<Next | 'held'> {
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
  const outcome = await channel.decide({ protocol: 'http', target, method: request.method });
  if (outcome.kind === 'held') return 'held';
  if (outcome.kind === 'refused') return local(refusedRequest(outcome.refused));
  return forward({ head: request, destination, outcome, reader, socket, channel });
}

/** The connection stays open when the request's body can be read to its end. */
async function answerLocally(
  request: RequestHead,
  answer: LocalAnswer,
  reader: ByteReader,
  socket: net.Socket,
): Promise<Next> {
  const { body } = request;
  // Who expects 100 (Continue) and is answered otherwise may send the body or not (RFC 9110 §10.1.1).
  const uncertain =
    body.kind !== 'none' && (request.expectContinue || (body.kind === 'length' && body.length > MAX_DISCARDED));
  const next: Next = request.keepAlive && !uncertain ? 'keep' : 'close';
  writeAnswer(socket, request, answer, next);
  if (next === 'keep' && !(await discardBody(reader, body, MAX_DISCARDED))) return 'close';
  return next;
}

/** Ends our side, reads on for a while, then closes: a close with unread octets would reset the answer away. */
function linger(socket: net.Socket, reader: ByteReader): void {
  reader.release();
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroySoon());
  socket.end();
  socket.resume();
  if (reader.ended) socket.destroySoon();
}

/** The command is being cancelled: it gets neither an answer nor an end, until its death closes the connection. */
function hold(socket: net.Socket, reader: ByteReader): void {
  reader.release();
  socket.pause();
}
