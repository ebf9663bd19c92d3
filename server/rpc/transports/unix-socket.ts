/**
 * The unix socket (docs/protocol/transport.md §12): WebSocket frames, on any path, for the user who owns the daemon;
 * and by plain HTTP the health and metrics pages.
 *
 * Threat: another user of the machine, or a sandboxed command. Rule: the socket has mode 0600 from its first moment and
 * lies in a folder of mode 0700 that every sandbox of every daemon of this user masks; folders that codexd makes have
 * 0700. With a group that the operator names, its members may connect too: the socket has 0660 then. Scope: who may
 * connect. Not here: the peer's process and user id, which Node cannot ask the kernel for
 * (SO_PEERCRED) and /proc/net/unix does not tell; the mode and the mask say the same.
 */
import http from 'node:http';
import nodePath from 'node:path';
import type { Duplex } from 'node:stream';
import type { ClientPipe, ClientPipeListener } from '../connection/client-pipe.js';
import { guardConnections } from './connection-guard.js';
import { judgeMetricsRequest, judgeRequest, PAGES, type HttpAnswer, type Readiness } from './http-rules.js';
import type { Listener, MetricsPage } from './listener.js';
import type { Refusals } from './refusals.js';
import { claimSocket } from './socket-claim.js';
import { createWebSocketUpgrades, MAX_FRAME_BYTES } from './web-socket-server.js';

export interface UnixListenerOptions {
  /** Relative ones start at the working directory. */
  readonly path: string;
  readonly accept: (pipe: ClientPipe) => ClientPipeListener;
  readonly metrics: MetricsPage | null;
  readonly readiness?: Readiness;
  readonly refusals: Refusals;
  /** Whose members may connect besides the user, by its number; null: nobody. */
  readonly group?: number | null;
}

/** Throws StartError when the path is taken by a living server or by something that is no socket. */
export async function listenUnix(options: UnixListenerOptions): Promise<Listener> {
  const { path, accept, refusals, group = null } = options;
  const sockets = await createWebSocketUpgrades({
    transport: 'unix',
    accept,
    headers: [`x-codex-websocket-max-unfragmented-message-bytes: ${MAX_FRAME_BYTES}`],
  });
  const server = http.createServer((request, response) => {
    // Other plain HTTP, and JSON lines, are closed without a byte.
    answerPage(request, response, options).catch(() => request.socket.destroy());
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const guard = guardConnections(server, (reason, _socket, why) => refusals.refused(reason, null, why));
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    const { origin: _none, ...headers } = request.headers; // no Origin check: browsers cannot reach a unix socket
    // Any path is upgraded here, also the health paths of the TCP listener.
    if (judgeRequest({ method: request.method ?? '', url: '/', headers }) === 'upgrade') {
      sockets.upgrade(request, socket, head, () => guard.admitted(request.socket));
    } else socket.destroy();
  });
  const claim = await claimSocket(nodePath.resolve(path), server, group);
  return {
    address: path,
    close: async () => {
      claim.release();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections(); // Those that were upgraded are not among them.
      await closed;
    },
  };
}

/** Throws where it is no page's request. */
async function answerPage(
  { method = '', url = '/', headers: { origin: _none, ...headers } }: http.IncomingMessage,
  response: http.ServerResponse,
  { metrics, readiness }: UnixListenerOptions,
): Promise<void> {
  if (!PAGES.has(url.split('?', 1)[0] ?? '')) throw new Error('no page');
  const request = { method, url, headers };
  // No name to rebind leads here: who may connect may read it.
  const asked = metrics === null ? null : judgeMetricsRequest(request, true);
  if (asked === 'metrics' && metrics !== null) {
    response.setHeader('content-type', metrics.type);
    response.setHeader('cache-control', 'no-store');
    response.end(await metrics.text());
    return;
  }
  const answer = asked === null || asked === 'metrics' ? judgeRequest(request, readiness) : asked;
  if (answer === 'upgrade') throw new Error('no page');
  send(response, answer);
}

function send(response: http.ServerResponse, { status, body, allow }: HttpAnswer): void {
  response.statusCode = status;
  if (allow) response.setHeader('allow', allow);
  if (body) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(body);
}
