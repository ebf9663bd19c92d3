/**
 * The unix socket (spec/transport.md §12): WebSocket frames, on any path, for the user who owns the daemon.
 *
 * Threat: another user of the machine, or a sandboxed command. Rule: the socket has mode 0600 from its first moment and
 * lies in a folder of mode 0700 that every sandbox of every daemon of this user masks; folders that codexd makes have
 * 0700. Scope: who may connect. Not here: the peer's process and user id, which Node cannot ask the kernel for
 * (SO_PEERCRED) and /proc/net/unix does not tell; the mode and the mask say the same.
 */
import http from 'node:http';
import nodePath from 'node:path';
import type { Duplex } from 'node:stream';
import type { Channel, ChannelListener } from './channel.js';
import { guardConnections } from './connection-guard.js';
import { judgeRequest } from './http-rules.js';
import type { Listener } from './listener.js';
import { claimSocket } from './socket-claim.js';
import { createWebSocketUpgrades, MAX_FRAME_BYTES } from './web-socket-server.js';

export interface UnixListenerOptions {
  /** Relative ones start at the working directory. */
  readonly path: string;
  readonly accept: (channel: Channel) => ChannelListener;
}

/** Throws StartError when the path is taken by a living server or by something that is no socket. */
export async function listenUnix({ path, accept }: UnixListenerOptions): Promise<Listener> {
  const sockets = await createWebSocketUpgrades({
    transport: 'unix',
    accept,
    headers: [`x-codex-websocket-max-unfragmented-message-bytes: ${MAX_FRAME_BYTES}`],
  });
  // There is nothing but the upgrade here: plain HTTP and JSON lines are closed without a byte.
  const server = http.createServer((request) => request.socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  const guard = guardConnections(server);
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    const { origin: _none, ...headers } = request.headers; // no Origin check: browsers cannot reach a unix socket
    // Any path is upgraded here, also the health paths of the TCP listener.
    if (judgeRequest({ method: request.method ?? '', url: '/', headers }) === 'upgrade') {
      sockets.upgrade(request, socket, head, () => guard.admitted(request.socket));
    } else socket.destroy();
  });
  const claim = await claimSocket(nodePath.resolve(path), server);
  return {
    address: path,
    close: async () => {
      claim.release();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
