import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

/** Sends and returns everything that comes back until the other side closes. */
export function converse(port: number, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => (received += piece));
    socket.on('end', () => {
      socket.end();
      resolve(received);
    });
    socket.on('error', reject);
    socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  });
}

/** A client's connection that is read piece by piece. */
export interface Conversation {
  readonly socket: net.Socket;
  send(text: string | Buffer): void;
  /** Waits until what came so far matches; returns it. Rejects when the connection closes before. */
  until(pattern: RegExp): Promise<string>;
  readonly received: () => string;
}

export async function open(port: number): Promise<Conversation> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  let wake = (): void => {};
  socket.unref(); // the server's end keeps the test alive, this one need not be closed by hand
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    received += piece;
    wake();
  });
  let closed = false;
  for (const event of ['end', 'close'] as const) {
    socket.on(event, () => {
      closed = true;
      wake();
    });
  }
  await new Promise<void>((connected, failed) => {
    socket.once('connect', connected);
    socket.on('error', failed); // later ones show as the end of the connection
  });
  return {
    socket,
    send: (text) => void socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text),
    received: () => received,
    async until(pattern) {
      while (!pattern.test(received)) {
        if (closed) throw new Error(`closed before ${pattern}: ${JSON.stringify(received)}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return received;
    },
  };
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: string;
}

export interface Upstream {
  readonly port: number;
  readonly seen: Seen[];
  /** Connections accepted so far, and those still open. */
  readonly connections: net.Socket[];
  readonly open: Set<net.Socket>;
  close(): void;
}

/** An HTTP server on the host's loopback that records what reaches it. */
export async function startUpstream(
  handler: (request: http.IncomingMessage, response: http.ServerResponse, body: string) => void = (request, response) =>
    response.end(`up ${request.method} ${request.url}`),
): Promise<Upstream> {
  const seen: Seen[] = [];
  const connections: net.Socket[] = [];
  const open = new Set<net.Socket>();
  const server = http.createServer({ sendDate: false } as http.ServerOptions, (request, response) => {
    response.sendDate = false;
    let body = '';
    request.setEncoding('latin1');
    request.on('data', (piece: string) => (body += piece));
    request.on('error', () => {});
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders, body });
      handler(request, response, body);
    });
  });
  server.on('connection', (socket) => {
    connections.push(socket);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections,
    open,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A TCP server on the host's loopback. */
export async function startTcp(onConnection: (socket: net.Socket) => void): Promise<{ port: number; close(): void }> {
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
