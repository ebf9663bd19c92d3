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
import type { FastifyReply } from 'fastify';
import { mayBeSandboxed } from '../../system/programs/socket-owner.js';
import type { Authenticate } from './auth.js';
import { peerOf, type RefusalReason, type Refusals } from './refusals.js';
import type { ClientPipe, ClientPipeListener } from '../connection/client-pipe.js';
import { guardConnections } from './connection-guard.js';
import { judgeMetricsRequest, judgeRequest, type HttpAnswer, type Readiness } from './http-rules.js';
import { StartError } from '../../errors/start-error.js';
import { createWebSocketUpgrades } from './web-socket-server.js';

export interface TcpListenerOptions {
  /** An IP address; port 0 takes any. */
  readonly host: string;
  readonly port: number;
  /** Without one every client of the machine may connect, and only loopback is listened on. */
  readonly authenticate: Authenticate | null;
  readonly accept: (pipe: ClientPipe) => ClientPipeListener;
  readonly metrics: MetricsPage | null;
  readonly readiness?: Readiness;
  readonly refusals: Refusals;
}

/** What a GET of `/metrics` answers, made anew for each. */
export interface MetricsPage {
  readonly type: string;
  text(): Promise<string>;
}

export interface Listener {
  readonly address: string;
  /** No new connections; those that are open stay. */
  close(): Promise<void>;
}

/** Throws StartError when the address cannot be had, or is open to the network without authentication. */
export async function listenTcp(options: TcpListenerOptions): Promise<Listener> {
  const { host, port, authenticate, accept, metrics, readiness, refusals } = options;
  if (!authenticate && !isLoopback(host)) {
    throw new StartError(
      `refusing to start non-loopback websocket listener ${hostPort(host, port)} without auth; configure \`--ws-auth capability-token\` or \`--ws-auth signed-bearer-token\``,
    );
  }
  const [{ default: fastify }, sockets] = await Promise.all([
    import('fastify'),
    createWebSocketUpgrades({ transport: 'websocket', accept }),
  ]);
  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    clientErrorHandler: (_error, socket) => answerRaw(socket, { status: 400, body: '' }),
    frameworkErrors: (_error, request, reply) => {
      send(reply, told(request.raw.socket, plainAnswer(request.raw, readiness)));
    },
  });
  /** What is answered; who is turned away by it is counted. */
  const told = (socket: Socket, answer: HttpAnswer): HttpAnswer => {
    if (answer.refusal) refusals.refused(answer.refusal, peerOf(socket), answer.body || WHY[answer.refusal]);
    return answer;
  };
  app.addHook('onRequest', async ({ raw }, reply) => {
    const asked = metrics && judgeMetricsRequest(toHttpRequest(raw), authenticate !== null);
    const answer = (said: HttpAnswer): FastifyReply => send(reply, told(raw.socket, said));
    if (!metrics || !asked) return answer(plainAnswer(raw, readiness));
    if (asked !== 'metrics') return answer(asked);
    if (!authenticate && (await mayBeSandboxed(raw.socket))) return answer(SANDBOXED_PEER);
    // The same credential as a WebSocket's, as long as it is good.
    const verdict = (await authenticate?.(raw.headers.authorization)) ?? {};
    if ('refused' in verdict) return answer(unauthorized(verdict.refused));
    return reply
      .header('content-type', metrics.type)
      .header('cache-control', 'no-store')
      .send(await metrics.text());
  });
  app.all('*', () => ''); // never reached: the hook has answered
  const guard = guardConnections(app.server, (reason, socket, why) => refusals.refused(reason, peerOf(socket), why));
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    void (async () => {
      const refuse = (said: HttpAnswer): void => answerRaw(socket, told(request.socket, said));
      const answer = judgeRequest(toHttpRequest(request));
      if (answer !== 'upgrade') return refuse(answer);
      if (!authenticate && (await mayBeSandboxed(request.socket))) return refuse(SANDBOXED_PEER);
      const verdict = (await authenticate?.(request.headers.authorization)) ?? {};
      if ('refused' in verdict) return refuse(unauthorized(verdict.refused));
      sockets.upgrade(request, socket, head, () => guard.admitted(request.socket), verdict.endAtMs);
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
    close: () => app.close(),
  };
}

/** Without credentials whoever connects is taken for the person, and a command of theirs is not (docs/security.md). */
const SANDBOXED_PEER: HttpAnswer = {
  status: 403,
  refusal: 'sandboxed',
  body: 'a sandboxed command may not connect to its own daemon; clients in containers and behind forwarders of this user authenticate with `--ws-auth`',
};

const unauthorized = (body: string): HttpAnswer => ({ status: 401, body, refusal: 'credential' });
/** In words, where the answer has none. */
const WHY: Readonly<Record<RefusalReason, string>> = {
  origin: 'the request has an Origin: it is a web page’s',
  host: 'the request names another host than this machine, and has no credential',
  credential: '',
  sandboxed: '',
  silence: '',
  limit: '',
};

/** 127.0.0.0/8 and ::1 (docs/protocol/transport.md §6). */
function isLoopback(host: string): boolean {
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1' || /^(0+:){7}0*1$/.test(host);
}

const hostPort = (host: string, port: number): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

const toHttpRequest = ({ method = '', url = '/', headers }: IncomingMessage) => ({ method, url, headers });

/** What a request gets that Node did not recognise as an upgrade. */
function plainAnswer(request: IncomingMessage, readiness?: Readiness): HttpAnswer {
  const answer = judgeRequest(toHttpRequest(request), readiness);
  return answer === 'upgrade' ? { status: 400, body: "Connection header did not include 'upgrade'" } : answer;
}

function send(reply: FastifyReply, { status, body, allow }: HttpAnswer): FastifyReply {
  reply.code(status);
  if (allow) reply.header('allow', allow);
  if (body) reply.header('content-type', TEXT);
  return reply.send(body);
}
const TEXT = 'text/plain; charset=utf-8';

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
