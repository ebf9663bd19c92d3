/**
 * The TCP listener: fastify answers plain HTTP (health checks and refusals), upgrades become WebSocket connections
 * (docs/protocol/transport.md §7).
 */
import { osErrorText } from '../../system/node/os-errors.js';
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { isIP } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { mayBeSandboxed } from '../../system/programs/socket-owner.js';
import type { Authenticate } from './auth.js';
import { peerOf } from './peer.js';
import type { RefusalReason, Refusals } from './refusals.js';
import type { ClientPipe, ClientPipeListener } from '../connection/client-pipe.js';
import type { ConsoleDoor } from './console-door.js';
import { isLoopback } from './listen-url.js';
import { guardConnections } from './connection-guard.js';
import { createPages, TEXT, type MetricsPage } from './http-pages.js';
import { judgeUpgrade, objectionTo, pageOf, type HttpAnswer, type HttpRequest, type Readiness } from './http-rules.js';
import { StartError } from '../../errors/start-error.js';
import { createWebSocketUpgrades, type Lease } from './web-socket-server.js';

export interface TcpListenerOptions {
  /** An IP address; port 0 takes any. */
  readonly host: string;
  readonly port: number;
  /** null: every client of the machine may connect, and the listener accepts only loopback addresses. */
  readonly authenticate: Authenticate | null;
  readonly accept: (pipe: ClientPipe) => ClientPipeListener;
  readonly metrics: MetricsPage | null;
  readonly readiness?: Readiness;
  readonly refusals: Refusals;
  /** Serves people who look with a browser; absent: every request of a web page is refused. */
  readonly console?: ConsoleDoor;
}

export interface TcpListener extends Listener {
  readonly host: string;
  readonly port: number;
}

export interface Listener {
  readonly address: string;
  /** Accepts no new connections; open ones stay. */
  close(): Promise<void>;
}

/** Throws StartError when the address is not available, or when it is open to the network without authentication. */
export async function listenTcp(options: TcpListenerOptions): Promise<TcpListener> {
  const { host, port, authenticate, accept, metrics, readiness, refusals, console } = options;
  if (!authenticate && !isLoopback(host)) {
    throw new StartError(
      `refusing to start non-loopback websocket listener ${hostPort(host, port)} without auth; configure \`--ws-auth capability-token\` or \`--ws-auth signed-bearer-token\``,
    );
  }
  const sockets = await createWebSocketUpgrades({ transport: 'websocket', accept });
  const needsCredential = authenticate !== null;
  /** Counts the answer if it is a refusal, and returns it. */
  const counted = (socket: Socket, answer: HttpAnswer): HttpAnswer => {
    if (answer.refusal) refusals.refused(answer.refusal, peerOf(socket), answer.body || WHY[answer.refusal]);
    return answer;
  };
  /** Checks whether the client may connect. Returns the refusal, or the expiry of its credential. */
  const admit = async ({ socket, headers }: IncomingMessage): Promise<HttpAnswer | Lease> => {
    if (!authenticate) return (await mayBeSandboxed(socket)) ? SANDBOXED_PEER : {};
    const verdict = await authenticate(headers.authorization);
    if ('refused' in verdict) return { status: 401, body: verdict.refused, refusal: 'credential' };
    return { ...verdict, via: 'credential' };
  };
  /** The console has its own credentials. Without others, no command may use it. */
  const consoleObjection = async (request: IncomingMessage, door: ConsoleDoor): Promise<HttpAnswer | null> => {
    const objection = door.objectionTo(toHttpRequest(request));
    if (objection !== null || authenticate) return objection;
    return (await mayBeSandboxed(request.socket)) ? SANDBOXED_PEER : null;
  };
  const admitSession = async (socket: Socket, session: HttpAnswer | Lease): Promise<HttpAnswer | Lease> =>
    'status' in session || authenticate || !(await mayBeSandboxed(socket)) ? session : SANDBOXED_PEER;
  const app = await createPages({
    metrics,
    ...(readiness === undefined ? {} : { readiness }),
    ...(console === undefined ? {} : { console: { door: console, counted } }),
    async judge(request, page) {
      if (console?.owns(request.url ?? '/')) {
        const objection = await consoleObjection(request, console);
        return objection && counted(request.socket, objection);
      }
      let answer = objectionTo(toHttpRequest(request), page, needsCredential);
      // Needs the same credential as a WebSocket, for as long as it is valid.
      const admission = answer === null && page === '/metrics' ? await admit(request) : {};
      if ('status' in admission) answer = admission;
      return answer && counted(request.socket, answer);
    },
    unreadable: (socket) => answerRaw(socket, { status: 400, body: '' }),
  });
  const guard = guardConnections(app.server, (reason, socket, why) => refusals.refused(reason, peerOf(socket), why));
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    void (async () => {
      const refuse = (said: HttpAnswer): void => answerRaw(socket, counted(request.socket, said));
      const session = console?.judgeSocket(toHttpRequest(request)) ?? null;
      const answer = session === null ? judgeOpening(toHttpRequest(request)) : 'upgrade';
      if (answer !== 'upgrade') return refuse(answer);
      const admission = session === null ? await admit(request) : await admitSession(request.socket, session);
      if ('status' in admission) return refuse(admission);
      sockets.upgrade(request, socket, head, () => guard.admitted(request.socket), admission);
    })();
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new StartError(`cannot listen on ws://${hostPort(host, port)}: ${osErrorText(error)}`);
  }
  const bound = app.server.address() as AddressInfo;
  return {
    address: hostPort(bound.address, bound.port),
    host: bound.address,
    port: bound.port,
    close: () => app.close(),
  };
}

/**
 * Without credentials, every connecting program counts as the user, but a user's command must not (docs/security.md).
 */
const SANDBOXED_PEER: HttpAnswer = {
  status: 403,
  refusal: 'sandboxed',
  body: 'a sandboxed command may not connect to its own daemon; clients in containers and behind forwarders of this user authenticate with `--ws-auth`',
};

/** A text for answers without a body. */
const WHY: Readonly<Record<RefusalReason, string>> = {
  origin: 'the request has an Origin: it is a web page’s',
  host: 'the request names another host than this machine, and has no credential',
  credential: '',
  sandboxed: '',
  silence: '',
  limit: '',
};

const hostPort = (host: string, port: number): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

const toHttpRequest = ({ method = '', url = '/', headers }: IncomingMessage): HttpRequest => ({ method, url, headers });

/** A WebSocket opens on every path except those of health checks, which report health. */
function judgeOpening(request: HttpRequest): HttpAnswer | 'upgrade' {
  const page = pageOf(request.url);
  const health = page === '/metrics' ? null : page;
  return objectionTo(request, health, true) ?? (health === null ? judgeUpgrade(request) : { status: 200, body: '' });
}

function answerRaw(socket: Duplex, { status, body, allow }: HttpAnswer): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(allow ? [`Allow: ${allow}`] : []),
    ...(body ? [`Content-Type: ${TEXT}`] : []),
  ];
  if (socket.writable) socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  else socket.destroy();
}
