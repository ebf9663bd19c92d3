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
  const pages = lazyPages(options);
  const server = http.createServer((request, response) => {
    const close = (): void => void request.socket.destroy();
    // Other plain HTTP, and JSON lines, are closed without a byte.
    if (pageOf(request.url ?? '/') === null) return close();
    pages.get().then((app) => app.routing(request, response), close);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const guard = guardConnections(server, (reason, _socket, why) => refusals.refused(reason, null, why));
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    // Any path is upgraded here, also the health paths of the TCP listener.
    if (request.method === 'GET' && judgeUpgrade(request) === 'upgrade') {
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
      await pages.close();
    },
  };
}

/**
 * fastify's routes, loaded for the first request that asks for a page: most daemons never get one, and what is no
 * page's request is gone before.
 */
function lazyPages({ metrics, readiness }: UnixListenerOptions) {
  let made: Promise<FastifyInstance> | undefined;
  const make = async (): Promise<FastifyInstance> => {
    const pages = await createPages({
      metrics,
      ...(readiness === undefined ? {} : { readiness }),
      // No name to rebind leads here: who may connect may read it.
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
