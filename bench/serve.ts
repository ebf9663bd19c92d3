/** A program that listens for WebSocket clients, for measures with several clients. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Place, Target } from './targets.js';

export interface Served {
  /** The address for clients. */
  readonly url: string;
  /** Ends the program, and waits for its end. */
  close(): Promise<void>;
}

/** How long a program may take until it listens, in milliseconds. */
const LISTENS_WITHIN_MS = 30_000;

/** Starts the program on a free port of loopback, and waits until it is ready for clients. */
export async function serve(target: Target, place: Place): Promise<Served> {
  const port = await freePort();
  const child = execa(target.command, [...target.args, '--listen', `ws://127.0.0.1:${port}`], {
    cwd: place.work,
    env: place.env,
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    reject: false,
    forceKillAfterDelay: 5_000,
  });
  let hasEnded = false;
  void child.then(() => (hasEnded = true));
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
  };
  const until = performance.now() + LISTENS_WITHIN_MS;
  while (!(await isReady(port))) {
    if (hasEnded || performance.now() > until) {
      await close();
      throw new Error(`${target.name} does not listen`);
    }
    await sleep(20);
  }
  return { url: `ws://127.0.0.1:${port}`, close };
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
