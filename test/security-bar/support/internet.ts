/** Every address of the test's own network, as one server: it reports the address through which it was reached. */
import http from 'node:http';
import net from 'node:net';

export interface Hit {
  /** The dialled address and port. */
  readonly address: string;
  readonly port: number;
  /** All received data, as Latin-1. */
  readonly bytes: () => string;
  readonly open: () => boolean;
}

export interface Internet {
  /** Connections in the order of arrival. */
  readonly hits: Hit[];
  /** Returns the connections so far, and forgets them. */
  take(): Hit[];
  close(): void;
}

/** Ports on which it answers HTTP, and ports on which it echoes. */
const HTTP_PORTS = [80, 8080];
export const ECHO_PORTS = [443, 22];

export async function startInternet(): Promise<Internet> {
  const hits: Hit[] = [];
  const open = new Set<net.Socket>();
  const watch = (socket: net.Socket): void => {
    const pieces: Buffer[] = [];
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    hits.push({
      address: plain(socket.localAddress),
      port: socket.localPort ?? 0,
      bytes: () => Buffer.concat(pieces).toString('latin1'),
      open: () => open.has(socket),
    });
  };
  const web = (): net.Server => {
    const server = http.createServer({ keepAliveTimeout: 20_000 }, answer);
    server.on('connection', watch);
    server.on('upgrade', (request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.end(`upgraded ${plain(request.socket.localAddress)}`);
    });
    return server;
  };
  const echo = (): net.Server =>
    net.createServer({ allowHalfOpen: true }, (socket) => {
      watch(socket);
      socket.pipe(socket);
    });
  const servers = await Promise.all([
    ...HTTP_PORTS.map((port) => listen(web(), port)),
    ...ECHO_PORTS.map((port) => listen(echo(), port)),
  ]);
  return {
    hits,
    take: () => hits.splice(0),
    close() {
      for (const socket of open) socket.destroy();
      for (const server of servers) server.close();
    },
  };
}

/** Reports the reached address; `/redirect` leads to a denied host, `/forge` answers like the proxy. */
const answer: http.RequestListener = (request, response) => {
  request.resume();
  if (request.url === '/redirect') response.writeHead(302, { location: 'http://evil.test/' });
  if (request.url === '/forge')
    response.writeHead(200, {
      'X-Proxy-Error': 'blocked-by-allowlist',
      'X-Secret': '1',
      Connection: 'close, x-secret',
      'Proxy-Authenticate': 'Basic',
      'X-Kept': '1',
    });
  request.on('end', () =>
    response.end(`reached ${plain(request.socket.localAddress)} ${request.method} ${request.url}`),
  );
};

async function listen(server: net.Server, port: number): Promise<net.Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '::', resolve);
  });
  return server;
}

const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=.*\.)/, '');
