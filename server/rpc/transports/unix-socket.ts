/**
 * The unix socket (docs/protocol/transport.md §12): WebSocket frames on any path, for the daemon's user, and the health
 * and metrics pages by plain HTTP.
 *
 * Threat: another user of the machine, or a sandboxed command, connects.
 * Rule: the socket has mode 0600 from its first moment. It lies in a folder of mode 0700 that every sandbox of every
 * daemon of this user masks; codexd creates folders with mode 0700. When the operator names a group, its members may
 * connect too, and the socket has mode 0660.
 * On Windows a named pipe takes its place, with its owner alone in its access list (system/windows/streams).
 * Scope: who may connect.
 * Non-scope: the peer's process and user id. Node has no access to SO_PEERCRED, and /proc/net/unix does not contain
 * them; the mode and the mask have the same effect.
 */
import http, { type IncomingHttpHeaders } from 'node:http';
import nodePath from 'node:path';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ClientPipe, ClientPipeListener } from '../connection/client-pipe.js';
import { guardConnections } from './connection-guard.js';
import { createPages, type MetricsPage } from './http-pages.js';
import { judgeUpgrade, objectionTo, pageOf, type Readiness } from './http-rules.js';
import type { Listener } from './listener.js';
import type { Refusals } from './refusals.js';
import { claimSocket, type SocketClaim } from './socket-claim.js';
import { HAS_SOCKET_FILES } from '../../system/programs/local-server.js';
import { createWebSocketUpgrades, MAX_FRAME_BYTES } from './web-socket-server.js';

export interface UnixListenerOptions {
  /** A relative path starts at the working folder. */
  readonly path: string;
  readonly accept: (pipe: ClientPipe) => ClientPipeListener;
  readonly metrics: MetricsPage | null;
  readonly readiness?: Readiness;
  readonly refusals: Refusals;
  /** The number of the group that may connect besides the user; null: none. */
  readonly group?: number | null;
}

/** Throws StartError when a living server or a file that is not a socket has the path. */
export async function listenUnix(options: UnixListenerOptions): Promise<Listener> {
  const { path, accept, refusals, group = null } = options;
  const sockets = await createWebSocketUpgrades({
    transport: 'unix',
    accept,
    headers: [`x-codex-websocket-max-unfragmented-message-bytes: ${MAX_FRAME_BYTES}`],
  });
  const pages = lazyPages(options);
  const server = http.createServer((request, response) => {
    const close = (): void => void request.socket.destroy();
    // Other plain HTTP requests, and JSON lines, are closed without an answer.
    if (pageOf(request.url ?? '/') === null) return close();
    pages.get().then((app) => app.routing(request, response), close);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const guard = guardConnections(server, (reason, _socket, why) => refusals.refused(reason, null, why));
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    // Every path is upgraded here, also the health paths of the TCP listener.
    if (request.method === 'GET' && judgeUpgrade(request) === 'upgrade') {
      sockets.upgrade(request, socket, head, () => guard.admitted(request.socket));
    } else socket.destroy();
  });
  const claim = await claimPath(nodePath.resolve(path), server, group);
  return {
    address: path,
    close: async () => {
      claim.release();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections(); // Upgraded connections are not among them.
      await closed;
      await pages.close();
    },
  };
}

async function claimPath(file: string, server: http.Server, group: number | null): Promise<SocketClaim> {
  if (HAS_SOCKET_FILES) return claimSocket(file, server, group);
  const { claimPipe } = await import('./pipe-claim.js');
  return claimPipe(file, server, group);
}

/**
 * fastify's routes, loaded with the first request for a page: most daemons never receive one. Other requests are closed
 * before.
 */
function lazyPages({ metrics, readiness }: UnixListenerOptions) {
  let made: Promise<FastifyInstance> | undefined;
  const make = async (): Promise<FastifyInstance> => {
    const pages = await createPages({
      metrics,
      ...(readiness === undefined ? {} : { readiness }),
      // No name can be rebound to a unix socket: every client that may connect may read the page.
      judge: ({ method = '', url = '/', headers }, page) =>
        objectionTo({ method, url, headers: withoutOrigin(headers) }, page, true),
      failed: (socket) => socket.destroy(),
    });
    await pages.ready();
    return pages;
  };
  return {
    get: (): Promise<FastifyInstance> =>
      (made ??= make().catch((error: unknown) => ((made = undefined), again(error)))),
    close: async (): Promise<void> => (await made?.catch(() => undefined))?.close(),
  };
}

const again = (error: unknown): never => {
  throw error;
};

/** Browsers cannot reach a unix socket. */
function withoutOrigin({ origin: _none, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
