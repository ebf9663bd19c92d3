/** A judged request on its way in HTTP/1.1: the connection, the head and the body that go to the upstream. */
import type http from 'node:http';
import type net from 'node:net';
import type { Writable } from 'node:stream';
import { setExactMethod } from '../../../system/node/node-internals.js';
import { authorityText, hostInUrl } from '../../decide/targets.js';
import type { CommandPort, Outcome } from './command-port.js';
import type { UpstreamAnswer } from '../http/client-end.js';
import { upstreamHeaders, wantsTrailers } from '../http/headers.js';
import type { Header, RequestHead } from '../http/request-head.js';
import { DEFAULT_PORTS, type Destination } from '../http/request-target.js';
import type { Line } from './pool.js';

export interface UpstreamRequest {
  readonly head: RequestHead;
  readonly destination: Destination;
  readonly outcome: Extract<Outcome, { readonly kind: 'allowed' }>;
  readonly command: CommandPort;
}

/**
 * What a failure before the answer leaves possible. `unprocessed`: the upstream says that it has not acted on the
 * request. `kept`: the connection had served before, and may have been closed unnoticed.
 */
export type Failure = 'unprocessed' | 'kept' | 'other';

/** One request at its upstream, whichever version of HTTP it speaks (`http1Request`, http2-request.ts). */
export interface SentRequest {
  readonly answer: Promise<UpstreamAnswer>;
  /** Takes the octets of the body. */
  readonly body: Writable;
  /** Everything of the request has gone out. */
  readonly isWhole: boolean;
  readonly failure: Failure;
  /** The head goes out now, because a body may take its time. */
  begin(): void;
  /** The body has ended. */
  end(trailers: readonly Header[]): void;
  /** Ends it, whatever it waits for. */
  abandon(): void;
}

/** A 1xx answer on the way: its status, and its fields as a flat list. */
export type Inform = (status: number, rawHeaders: readonly string[]) => void;

/** Octets of an upstream's response head. */
export const MAX_RESPONSE_HEAD = 64 * 1024;

export interface StartOptions {
  /** On a connection of its own, because the request must not be sent a second time. */
  readonly fresh: boolean;
  /** Asks to leave HTTP for this protocol: only ever on a fresh connection that reaches the target itself. */
  readonly upgrade?: 'websocket';
  /** A connection that was made already, to find the version: used unless a kept one is free. */
  readonly socket?: net.Socket;
}

export interface StartedRequest {
  readonly upstream: http.ClientRequest;
  /** Ends it, whatever it waits for. (A ClientRequest that has no socket yet does not tell when it is destroyed.) */
  abandon(): void;
}

/** The connection that a request needs. Throws when the upstream proxy cannot be used. */
export function lineOf(
  { destination, outcome, command }: Pick<UpstreamRequest, 'destination' | 'outcome' | 'command'>,
  { fresh, upgrade, opened }: Pick<StartOptions, 'fresh' | 'upgrade'> & Pick<Line, 'opened'>,
): Line {
  const { allowed } = outcome;
  const { scheme } = destination;
  const via = command.via(allowed.target, scheme);
  // Requests that the upstream proxy must not read, or would not pass on, use a tunnel through it.
  const tunnelled = via !== null && (scheme === 'https' || upgrade !== undefined);
  return { route: { allowed, via }, scheme, tunnelled, fresh, opened };
}

/** The head is set and not sent. Throws when the upstream proxy cannot be used. */
export function startRequest(
  { head, destination, outcome, command }: UpstreamRequest,
  { fresh, upgrade, socket }: StartOptions,
): StartedRequest {
  const { allowed } = outcome;
  const wait = waitForSocket(command);
  const line = lineOf(
    { destination, outcome, command },
    { fresh, opened: wait.opened, ...(upgrade ? { upgrade } : {}) },
  );
  const { tunnelled, route } = line;
  const { via } = route;
  const upstream = command.pool.request(
    {
      method: head.method,
      path: via === null || tunnelled ? destination.path : absoluteForm(destination),
      setHost: false,
      maxHeaderSize: MAX_RESPONSE_HEAD,
    },
    line,
    socket,
  );
  setExactMethod(upstream, head.method);
  upstream.on('error', () => {}); // heard by responseOf; it may come again while the request is being closed
  setHeaders(upstream, head, destination, fresh);
  if (upgrade !== undefined) {
    upstream.setHeader('Connection', 'Upgrade');
    upstream.setHeader('Upgrade', upgrade);
  }
  if (via !== null && !tunnelled && via.authorization !== null)
    upstream.setHeader('Proxy-Authorization', via.authorization);
  upstream.once('socket', (connection) => {
    wait.over();
    if (socket !== undefined && connection !== socket) socket.destroy();
    outcome.dialled(connection.remoteAddress ?? hostInUrl(allowed.target.host));
    if (connection.isPaused()) connection.resume(); // it was paused while its tunnel was made
  });
  return {
    upstream,
    abandon() {
      wait.giveUp();
      upstream.destroy(new Error('the client went away'));
    },
  };
}

/** As http-forward.ts sees it. */
export function http1Request(started: StartedRequest, { body }: RequestHead, inform: Inform): SentRequest {
  const { upstream, abandon } = started;
  upstream.on('continue', () => inform(100, []));
  upstream.on('information', ({ statusCode, rawHeaders }) => {
    if (statusCode !== 100) inform(statusCode, rawHeaders);
  });
  return {
    answer: responseOf(upstream).then(http1Answer),
    body: upstream,
    get isWhole() {
      return upstream.writableFinished;
    },
    get failure() {
      return upstream.reusedSocket ? 'kept' : 'other';
    },
    begin: () => upstream.flushHeaders(),
    end(trailers) {
      // A body with a length has no place for them.
      if (trailers.length > 0 && body.kind === 'chunked')
        upstream.addTrailers(trailers.map(({ name, value }): [string, string] => [name, value]));
      upstream.end();
    },
    abandon,
  };
}

function responseOf(upstream: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Every request closes, and an error takes long to make.
    const closed = (): void => reject(new Error('the upstream closed the connection'));
    upstream.once('response', (response: http.IncomingMessage) => {
      upstream.off('close', closed);
      resolve(response);
    });
    upstream.once('error', reject);
    upstream.once('close', closed);
  });
}

/** Node's response as an answer. */
export function http1Answer(response: http.IncomingMessage): UpstreamAnswer {
  return {
    status: response.statusCode ?? 0,
    phrase: response.statusMessage ?? '',
    rawHeaders: response.rawHeaders,
    endsWithHead: response.headers['content-length'] === '0',
    body: response,
    get complete() {
      return response.complete;
    },
    get rawTrailers() {
      return response.rawTrailers;
    },
  };
}

/** The socket that a request waits for: it ends with the command, and with the request as long as it is being made. */
function waitForSocket(command: CommandPort) {
  let dialling: net.Socket | null = null;
  let abandoned = false;
  return {
    opened(socket: net.Socket): void {
      command.closeWithCommand(socket);
      if (abandoned) socket.destroy();
      else dialling = socket;
    },
    over: () => void (dialling = null),
    giveUp(): void {
      abandoned = true;
      dialling?.destroy(new Error('nobody waits for it any more'));
    },
  };
}

const absoluteForm = ({ target, scheme, path }: Destination): string =>
  path === '*' ? path : `${scheme}://${authorityText(target, DEFAULT_PORTS.http)}${path}`;

function setHeaders(upstream: http.ClientRequest, head: RequestHead, destination: Destination, fresh: boolean): void {
  // Removing them first keeps Node from adding its own; those that the client sent are set below.
  for (const name of ['connection', 'content-length', 'transfer-encoding']) upstream.removeHeader(name);
  const fields = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const { name, key, value } of upstreamHeaders(head.headers, destination, head.body.kind === 'chunked')) {
    const known = fields.get(key);
    if (known === undefined) fields.set(key, { name, values: [value] });
    else known.values.push(value);
  }
  for (const { name, values } of fields.values()) {
    upstream.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  }
  if (head.body.kind === 'chunked') upstream.setHeader('Transfer-Encoding', 'chunked');
  // In a tunnel the client speaks to its upstream. On a request to the proxy, TE is meant for the proxy.
  if (destination.scheme === 'http' || !wantsTrailers(head.headers)) return;
  upstream.setHeader('TE', 'trailers');
  // TE is meant for one hop (RFC 9110 §10.1.4). Node takes a field without `close` for a wish to keep the connection.
  upstream.setHeader('Connection', fresh ? 'TE, close' : 'TE');
}
