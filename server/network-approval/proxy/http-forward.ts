/**
 * One allowed request to its upstream and the answer back, both bodies streaming, each side waiting for the other's
 * buffer. Nothing is retried but a request without a body whose kept connection had died unnoticed.
 */
import type http from 'node:http';
import type net from 'node:net';
import { authorityText, hostInUrl } from '../targets.js';
import type { ByteReader } from './byte-reader.js';
import type { Channel, Outcome } from './channel.js';
import { routeOptions } from './dial.js';
import { clientHeaders, upstreamHeaders } from './headers.js';
import { UPSTREAM_FAILURE } from './refusal.js';
import { readBody } from './request-body.js';
import type { RequestHead } from './request-head.js';
import type { Destination } from './request-target.js';
import { responseHead, statusLine, writeAnswer, type Next } from './responses.js';
import type { PinnedRequest } from './upstream-agents.js';

type AllowedOutcome = Extract<Outcome, { readonly kind: 'allowed' }>;

export interface Exchange {
  readonly head: RequestHead;
  readonly destination: Destination;
  readonly outcome: AllowedOutcome;
  readonly reader: ByteReader;
  readonly socket: net.Socket;
  readonly channel: Channel;
}

/** RFC 9110 §9.2.2, those without a body: a proxy may send them twice. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE']);
/** Octets of an upstream's response head. */
const MAX_RESPONSE_HEAD = 64 * 1024;

/** Answers with the upstream's response, or 502. `close`: the client's connection can carry no further request. */
export async function forward(exchange: Exchange): Promise<Next> {
  const { head, socket, reader } = exchange;
  const hasBody = head.body.kind !== 'none';
  const repeatable = !hasBody && IDEMPOTENT.has(head.method);
  try {
    try {
      return await attempt(exchange, !repeatable);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return await attempt(exchange, true);
    }
  } catch (error) {
    if (error instanceof AnswerCutOff || reader.ended || socket.destroyed) {
      socket.destroy(); // an answer without its end must not look whole; a client that is gone needs none
      return 'close';
    }
    const next = head.keepAlive && !hasBody ? 'keep' : 'close';
    writeAnswer(socket, head, UPSTREAM_FAILURE, next);
    return next;
  }
}

/** A kept connection had been closed by its upstream before the request reached it. */
class StaleConnection extends Error {}
/** The upstream, or the client, failed after the answer's head had gone out. */
class AnswerCutOff extends Error {}

/** `fresh`: on a connection of its own, because the request must not be sent a second time. */
async function attempt(exchange: Exchange, fresh: boolean): Promise<Next> {
  const { reader } = exchange;
  const upstream = await startRequest(exchange, fresh);
  // A client that closes is gone, its upstream free at once (the reference takes a half-close for a close too).
  const abandon = (): void => void upstream.destroy(new Error('the client went away'));
  reader.onEnd = abandon;
  if (reader.ended) abandon();
  let whole = false;
  try {
    const sent = sendBody(exchange, upstream);
    sent.catch(abandon); // the response may have come before, so the failure is not waited for
    const response = await responseOf(upstream);
    const next = await passOn(response, exchange);
    // An answer that came before the whole request: what is left of the body is not the next request.
    whole = upstream.writableFinished;
    return whole ? next : 'close';
  } catch (error) {
    if (upstream.reusedSocket && !fresh && !(error instanceof AnswerCutOff)) throw new StaleConnection();
    throw error;
  } finally {
    reader.onEnd = null;
    if (!whole) upstream.destroy();
  }
}

async function startRequest(exchange: Exchange, fresh: boolean): Promise<http.ClientRequest> {
  const { head, destination, outcome, channel, socket } = exchange;
  const { allowed } = outcome;
  const via = channel.via(allowed.target, destination.scheme);
  // TLS that this proxy itself would begin, inside a tunnel that another would have to make first: nobody asks for it.
  if (via !== null && destination.scheme === 'https')
    throw new Error('https: URLs do not go through an upstream proxy');
  const { request, agent } = await channel.agents.client(destination.scheme);
  if (socket.destroyed) throw new Error('the client went away');
  const options: http.RequestOptions & PinnedRequest & { servername?: string } = {
    ...routeOptions({ allowed, via }),
    agent,
    method: head.method,
    path: via === null ? destination.path : absoluteForm(destination),
    setHost: false,
    maxHeaderSize: MAX_RESPONSE_HEAD,
    pinned: fresh ? `fresh ${freshCounter++}` : via === null ? [...allowed.addresses].sort().join() : 'via',
  };
  const { host } = allowed.target;
  if (destination.scheme === 'https' && host.kind === 'name') options.servername = host.text;
  const upstream = request(options);
  upstream.method = head.method; // Node has made it upper case, which would be another method
  if (fresh) upstream.shouldKeepAlive = false;
  upstream.on('error', () => {}); // heard by responseOf; it may come again while the request is being closed
  setHeaders(upstream, head, destination);
  const authorization = via?.authorization ?? null;
  if (authorization !== null) upstream.setHeader('Proxy-Authorization', authorization);
  upstream.on('socket', (connection) => {
    const connected = (): void => outcome.dialled(connection.remoteAddress ?? hostInUrl(host));
    if (connection.connecting) connection.once('connect', connected);
    else connected();
  });
  upstream.on('continue', () => socket.write(`${statusLine(head, 100, 'Continue')}\r\n`));
  return upstream;
}
let freshCounter = 0;

const absoluteForm = ({ target, scheme, path }: Destination): string =>
  path === '*' ? path : `${scheme}://${authorityText(target, 80)}${path}`;

function setHeaders(upstream: http.ClientRequest, head: RequestHead, destination: Destination): void {
  // Removing them first keeps Node from adding its own; those that the client sent are set below.
  for (const name of ['connection', 'content-length', 'transfer-encoding']) upstream.removeHeader(name);
  const fields = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const { name, key, value } of upstreamHeaders(head.headers, destination)) {
    const known = fields.get(key);
    if (known === undefined) fields.set(key, { name, values: [value] });
    else known.values.push(value);
  }
  for (const { name, values } of fields.values()) {
    upstream.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  }
  if (head.body.kind === 'chunked') upstream.setHeader('Transfer-Encoding', 'chunked');
}

async function sendBody({ head, reader }: Exchange, upstream: http.ClientRequest): Promise<void> {
  if (head.body.kind !== 'none') {
    upstream.flushHeaders();
    for await (const piece of readBody(reader, head.body)) {
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

/** Writes head and body. Resolves when the answer's last octet has been handed to the client's socket. */
function passOn(response: http.IncomingMessage, { head, socket }: Exchange): Promise<Next> {
  const status = response.statusCode ?? 502;
  const bodiless = head.method === 'HEAD' || status === 204 || status === 304;
  const sized = bodiless || response.headers['content-length'] !== undefined;
  const chunked = !sized && head.minorVersion === 1;
  const next: Next = head.keepAlive && (sized || chunked) ? 'keep' : 'close';
  const answer = { status, phrase: response.statusMessage ?? '', headers: clientHeaders(response.rawHeaders) };
  // Head and first piece leave together.
  socket.cork();
  process.nextTick(() => socket.uncork());
  socket.write(responseHead(head, answer, chunked ? 'chunked' : 'as-is', next), 'latin1');

  return new Promise((resolve, reject) => {
    const resume = (): void => void response.resume();
    socket.on('drain', resume);
    const settle = (done: () => void): void => {
      socket.off('drain', resume);
      socket.off('close', gone);
      done();
    };
    const gone = (): void => settle(() => reject(new AnswerCutOff('the client went away')));
    socket.once('close', gone);
    response.on('data', (piece: Buffer) => {
      if (!writePiece(socket, piece, chunked)) response.pause();
    });
    response.once('end', () => {
      if (chunked) socket.write('0\r\n\r\n');
      settle(() => resolve(next));
    });
    response.once('close', () => {
      if (!response.complete) settle(() => reject(new AnswerCutOff('the upstream was cut off')));
    });
    response.on('error', () => settle(() => reject(new AnswerCutOff('the upstream failed'))));
  });
}

function writePiece(socket: net.Socket, piece: Buffer, chunked: boolean): boolean {
  if (!chunked) return socket.write(piece);
  socket.cork();
  socket.write(`${piece.length.toString(16)}\r\n`);
  socket.write(piece);
  const room = socket.write('\r\n');
  socket.uncork();
  return room;
}
