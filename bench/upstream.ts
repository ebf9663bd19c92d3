import net, { type AddressInfo, type Socket } from 'node:net';

/** A loopback server for the proxied commands. It does as little as possible, so that the measure shows the proxy. */
export interface Upstream {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers every request head with the same short response, and keeps the connection open. */
export function responder(): Promise<Upstream> {
  const response = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n');
  return listen((socket) => {
    let tail = '';
    socket.on('data', (chunk: Buffer) => {
      // Heads end with an empty line. A chunk may contain a part of a head, or several heads.
      const text = tail + chunk.toString('latin1');
      const heads = text.split('\r\n\r\n');
      tail = heads.pop() ?? '';
      for (let i = 0; i < heads.length; i++) socket.write(response);
    });
  });
}

/** Sends `bytes` zero bytes on each connection, then closes it. */
export function source(bytes: number): Promise<Upstream> {
  const piece = Buffer.alloc(1024 * 1024);
  return listen((socket) => {
    let left = bytes;
    const push = (): void => {
      while (left > 0) {
        const chunk = left < piece.length ? piece.subarray(0, left) : piece;
        left -= chunk.length;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    socket.on('drain', push);
    push();
  });
}

async function listen(serve: (socket: Socket) => void): Promise<Upstream> {
  const open = new Set<Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy()); // The load generator closes the connection when it has enough bytes.
    serve(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 511, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
