/**
 * Runs inside the sandbox: moves bytes through the proxies of its environment and says what arrived.
 *
 *   node load.js transfer WAY AUTHORITY BYTES   → {"sent": sha256, "received": sha256, "ended": bool}
 *   node load.js tunnels WAY AUTHORITY COUNT    → {"open": n, "answers": {"503": m, …}}
 *
 * `transfer` sends bytes of a known pattern and reads what the other side sends of its own, both at once. `tunnels`
 * opens them all, says something through each, and closes none before every one has its answer.
 */
import crypto from 'node:crypto';
import net from 'node:net';
import { pattern } from './pattern.js';

type Way = 'connect' | 'socks' | 'length' | 'chunked';
const [, , task = '', way = '', authority = '', number = '0'] = process.argv;
const [host = '', port = '80'] = authority.split(':');
const count = Number(number);

process.stdout.write(JSON.stringify(task === 'tunnels' ? await tunnels() : await transfer()));
process.exit(0);

function dial(): Promise<net.Socket> {
  const url = new URL(process.env[way === 'socks' ? 'ALL_PROXY' : 'HTTP_PROXY'] ?? '');
  const socket = net.connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Requests a tunnel; bytes after the answer stay to be read. Returns 'open', or the answer. */
async function openTunnel(socket: net.Socket): Promise<string> {
  const name = Buffer.from(host);
  const request =
    way === 'socks'
      ? Buffer.concat([
          Buffer.from([5, 1, 0, 5, 1, 0, 3, name.length]),
          name,
          Buffer.from([Number(port) >> 8, Number(port) & 255]),
        ])
      : Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  socket.write(request);
  let head = Buffer.alloc(0);
  for (;;) {
    const piece = await read(socket);
    if (piece === null) return head.length === 0 ? 'closed' : `cut off: ${head.toString('latin1')}`;
    head = Buffer.concat([head, piece]);
    const end = way === 'socks' ? socksReplyEnd(head) : head.indexOf('\r\n\r\n') + 4;
    if (end < 4) continue;
    socket.unshift(head.subarray(end));
    if (way === 'socks') return head[3] === 0 ? 'open' : `reply ${head[3]}`;
    const status = head.toString('latin1', 9, 12);
    return status === '200' ? 'open' : status;
  }
}

/** RFC 1928 §6, after the two octets of the method; 0 while it is incomplete. */
function socksReplyEnd(head: Buffer): number {
  if (head.length < 7) return 0;
  const end = 2 + 4 + (head[5] === 4 ? 16 : 4) + 2;
  return head.length < end ? 0 : end;
}

/** The next bytes; null at the end. */
function read(socket: net.Socket): Promise<Buffer | null> {
  const there = socket.read() as Buffer | null;
  if (there !== null) return Promise.resolve(there);
  if (socket.readableEnded || socket.destroyed) return Promise.resolve(null);
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['readable', 'end', 'close', 'error']) socket.off(event, done);
      resolve(socket.read() as Buffer | null);
    };
    for (const event of ['readable', 'end', 'close', 'error']) socket.on(event, done);
  });
}

async function transfer() {
  const socket = await dial();
  if (way === 'connect' || way === 'socks') {
    const opened = await openTunnel(socket);
    if (opened !== 'open') throw new Error(`no tunnel: ${opened}`);
  } else {
    const framing = way === 'length' ? `Content-Length: ${count}` : 'Transfer-Encoding: chunked';
    socket.write(
      `POST http://${authority}/${way} HTTP/1.1\r\nHost: ${authority}\r\n${framing}\r\nConnection: close\r\n\r\n`,
    );
  }
  const [sent, received] = await Promise.all([upload(socket), download(socket)]);
  return { sent, ...received };
}

async function upload(socket: net.Socket): Promise<string> {
  const hash = crypto.createHash('sha256');
  for (const piece of pattern('up', count)) {
    hash.update(piece);
    const framed =
      way === 'chunked'
        ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
        : piece;
    if (!socket.write(framed)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  if (way === 'chunked') socket.write('0\r\n\r\n');
  // A tunnel is half-closed now, and the other direction continues; a request's connection stays open for its answer.
  if (way === 'connect' || way === 'socks') socket.end();
  return hash.digest('hex');
}

async function download(socket: net.Socket): Promise<{ received: string; bytes: number; head: string }> {
  const hash = crypto.createHash('sha256');
  let bytes = 0;
  let head: string | null = way === 'connect' || way === 'socks' ? '' : null;
  let early = Buffer.alloc(0);
  let dechunk: ((piece: Buffer) => Buffer) | null = null;
  for (let piece = await read(socket); piece !== null; piece = await read(socket)) {
    if (head === null) {
      early = Buffer.concat([early, piece]);
      const end = early.indexOf('\r\n\r\n');
      if (end < 0) continue;
      head = early.toString('latin1', 0, end);
      if (/transfer-encoding: chunked/i.test(head)) dechunk = chunkReader();
      piece = early.subarray(end + 4);
    }
    const data: Buffer = dechunk === null ? piece : dechunk(piece);
    hash.update(data);
    bytes += data.length;
  }
  return { received: hash.digest('hex'), bytes, head: head ?? 'none' };
}

/** Removes the framing, piece by piece; throws where it is broken. */
function chunkReader(): (piece: Buffer) => Buffer {
  let rest = Buffer.alloc(0);
  let left = 0;
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    const out: Buffer[] = [];
    for (;;) {
      if (left > 0) {
        const taken = rest.subarray(0, left);
        out.push(taken);
        rest = rest.subarray(taken.length);
        left -= taken.length;
        if (left > 0) break;
        left = -1;
      }
      if (left === -1) {
        if (rest.length < 2) break;
        if (rest.toString('latin1', 0, 2) !== '\r\n') throw new Error('a chunk is longer than its size');
        rest = rest.subarray(2);
        left = 0;
      }
      const line = rest.indexOf('\r\n');
      if (line < 0) break;
      left = Number.parseInt(rest.toString('latin1', 0, line), 16);
      rest = rest.subarray(line + 2);
      if (left === 0) break;
    }
    return Buffer.concat(out);
  };
}

async function tunnels() {
  const answers: Record<string, number> = {};
  let open = 0;
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const socket = await dial();
      socket.on('error', () => {});
      const opened = await openTunnel(socket);
      if (opened !== 'open') return void (answers[opened] = (answers[opened] ?? 0) + 1);
      socket.write(`tunnel ${n}\n`);
      let text = '';
      while (!text.includes('\n')) {
        const piece = await read(socket);
        if (piece === null) break;
        text += piece.toString();
      }
      if (text === `tunnel ${n}\n`) open++;
      else answers['wrong bytes'] = (answers['wrong bytes'] ?? 0) + 1;
    }),
  );
  return { open, answers };
}

export type { Way };
