/**
 * Request after request on one HTTP/1 connection: read strictly, handed on one by one, ended in order.
 *
 * Threat: a client that holds resources with half a head or a body nobody reads.
 * Rule: what is malformed ends the connection.
 */
import type net from 'node:net';
import type { ByteReader, HeadProblem } from './byte-reader.js';
import { discardBody } from './request-body.js';
import { MAX_HEAD, parseRequestHead, type RequestHead } from './request-head.js';
import { writeAnswer, type LocalAnswer, type Next } from './local-answers.js';

/** Milliseconds from a head's first octet to its last. */
const HEAD_TIMEOUT_MS = 15_000;
/** Octets of a refused request's body that are read and dropped to keep the connection. */
const MAX_DISCARDED = 256 * 1024;
/** Milliseconds in which they have to come. */
const DISCARD_MS = 15_000;
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

/** `relayed`: the socket no longer uses HTTP. `denied`: the command is being cancelled, without an answer. */
export type Served = Next | 'relayed' | 'denied';

/** Resolves when the connection has become a stream, waits for its command's end, or is being closed. */
export async function serveRequests(
  socket: net.Socket,
  reader: ByteReader,
  serve: (request: RequestHead) => Promise<Served>,
): Promise<void> {
  for (;;) {
    const head = await reader.head(MAX_HEAD, HEAD_TIMEOUT_MS);
    const request = typeof head === 'string' ? head : parseRequestHead(head);
    if (typeof request === 'string') {
      const answer = HEAD_ANSWERS[request];
      if (answer !== null) writeAnswer(socket, null, answer, 'close');
      return linger(socket, reader);
    }
    const next = await serve(request);
    if (next === 'relayed') return;
    if (next === 'denied') return stop(socket, reader);
    if (next === 'close' || socket.destroyed) return linger(socket, reader);
  }
}

/** The connection stays open when the request's body can be read to its end. */
export async function answerLocally(
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
  if (next === 'close' || body.kind === 'none') return next;
  const late = setTimeout(() => socket.destroy(), DISCARD_MS);
  try {
    return (await discardBody(reader, body, MAX_DISCARDED)) ? 'keep' : 'close';
  } finally {
    clearTimeout(late);
  }
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
function stop(socket: net.Socket, reader: ByteReader): void {
  reader.release();
  socket.pause();
}
