/**
 * A WebSocket server that answers what a test tells it to: for what no real daemon does on demand (falling silent,
 * dropping connections, sending junk). It listens on a loopback port or a unix socket.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface Received {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface ScriptedServer {
  readonly url: string;
  /** Everything that arrived, of all connections, in order. */
  readonly received: Received[];
  /** Open connections, oldest first. */
  readonly sockets: Set<WebSocket>;
  /** Authorization headers of the upgrades. */
  readonly tokens: (string | undefined)[];
  /** While set, upgrades are answered with this HTTP status. */
  refuseWith: number | null;
  close(): Promise<void>;
}

/** What to answer: a result, `undefined` for silence; `send` sends anything else. */
export type Answer = (message: Received, send: (message: unknown) => void, socket: WebSocket) => unknown;

/** `initialize` is answered here; everything else by `answer`. */
export async function scriptedServer(answer: Answer = () => ({}), socketPath?: string): Promise<ScriptedServer> {
  const http = createServer();
  const frames = new WebSocketServer({ noServer: true, maxPayload: 100 * 1024 * 1024 });
  const server: ScriptedServer = {
    url: '',
    received: [],
    sockets: new Set(),
    tokens: [],
    refuseWith: null,
    close: async () => {
      for (const socket of server.sockets) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  http.on('upgrade', (request, socket, head) => {
    server.tokens.push(request.headers.authorization);
    if (server.refuseWith !== null) {
      socket.end(`HTTP/1.1 ${server.refuseWith} No\r\nContent-Length: 10\r\nConnection: close\r\n\r\nnot today\n`);
      return;
    }
    frames.handleUpgrade(request, socket, head, (ws) => serve(server, ws, answer));
  });
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) http.listen(0, '127.0.0.1', resolve);
    else http.listen(socketPath, resolve);
  });
  const url = socketPath ?? `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return Object.assign(server, { url });
}

export const IDENTITY = {
  userAgent: 'scripted/1.0.0',
  codexHome: '/home',
  platformFamily: 'unix',
  platformOs: 'linux',
};

function serve(server: ScriptedServer, socket: WebSocket, answer: Answer): void {
  server.sockets.add(socket);
  socket.on('close', () => server.sockets.delete(socket));
  socket.on('error', () => {}); // A client that drops its connection is part of some tests.
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Received;
    server.received.push(message);
    const result = message.method === 'initialize' ? IDENTITY : answer(message, send, socket);
    if (result !== undefined && message.id !== undefined && message.method !== undefined) {
      send({ id: message.id, result });
    }
  });
}
