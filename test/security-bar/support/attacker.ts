/**
 * The hostile program. It runs inside the sandbox as the command, makes the attempts in the file of its first argument,
 * all at once, and prints the outcome of each.
 */
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { Attempt, Await, Outcome } from './attempt.js';
import { elapse } from '../../fixtures/until.js';

const attempts = JSON.parse(fs.readFileSync(process.argv[2] ?? '', 'utf8')) as Attempt[];
const outcomes = await Promise.all(attempts.map(attempt));
process.stdout.write(JSON.stringify(outcomes));
process.exit(0);

async function attempt({ via, send, until, endAfter = false, limitMs = 8000, tls: inside }: Attempt): Promise<Outcome> {
  const started = Date.now();
  const socket = net.connect({ ...endpoint(via), allowHalfOpen: true });
  let received = '';
  let error: string | null = null;
  let ended = false;
  let stop = (): void => {};
  let wake = (): void => {};
  const answered = async ({ answer }: Await): Promise<void> => {
    while (!ended && !socket.destroyed && !new RegExp(answer, 's').test(received))
      await new Promise<void>((resolve) => (wake = resolve));
  };
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const limit = setTimeout(() => {
    error ??= 'time is over';
    stop();
  }, limitMs);
  socket.on('error', (failure: NodeJS.ErrnoException) => {
    error = failure.code ?? failure.message;
    stop();
  });
  const listen = (stream: net.Socket): void => {
    stream.setEncoding('latin1');
    stream.on('data', (piece: string) => {
      received += piece;
      wake();
      if (until !== undefined && new RegExp(until, 's').test(received)) stop();
    });
    stream.on('end', () => {
      ended = true;
      wake();
      stop();
    });
    stream.on('close', () => {
      wake();
      stop();
    });
  };
  if (inside === undefined) listen(socket);
  void play(socket, send, answered).then(() => (endAfter ? socket.end() : undefined));
  if (inside !== undefined) void talkTls(socket, inside, listen, (problem) => ((error ??= problem), stop()));
  await stopped;
  clearTimeout(limit);
  socket.destroy();
  return { received, ended, error, ms: Date.now() - started };
}

/** Texts are Latin-1; numbers are pauses in milliseconds. */
async function play(
  socket: net.Socket,
  send: Attempt['send'],
  answered: (wait: Await) => Promise<void>,
): Promise<void> {
  for (const part of send) {
    if (socket.destroyed) return;
    if (typeof part === 'number') await elapse(part, 'the attempt says so');
    else if (typeof part === 'object') await answered(part);
    else await new Promise<void>((resolve) => socket.write(Buffer.from(part, 'latin1'), () => resolve()));
  }
}

/** TLS once the tunnel is open. */
async function talkTls(
  socket: net.Socket,
  { serverName, send, alpn }: NonNullable<Attempt['tls']>,
  listen: (stream: net.Socket) => void,
  fail: (problem: string) => void,
): Promise<void> {
  let head = '';
  await new Promise<void>((resolve) => {
    const read = (piece: Buffer): void => {
      head += piece.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      resolve();
    };
    socket.on('data', read);
    socket.on('close', resolve);
  });
  if (!/^HTTP\/1\.1 200/.test(head)) return fail(`no tunnel: ${head.split('\r\n')[0]}`);
  const secure = tls.connect({
    socket,
    ...(serverName === null ? {} : { servername: serverName }),
    ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
    rejectUnauthorized: false,
  });
  secure.on('error', (problem: NodeJS.ErrnoException) => fail(problem.code ?? problem.message));
  listen(secure);
  secure.write(send);
}

function endpoint(via: Attempt['via']): { host: string; port: number } {
  if (typeof via === 'object') return via;
  const url = new URL(process.env[via === 'http' ? 'HTTP_PROXY' : 'ALL_PROXY'] ?? 'none://127.0.0.1:1');
  return { host: url.hostname, port: Number(url.port) };
}
