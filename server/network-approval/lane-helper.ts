/**
 * Runs for an instant inside a fresh user and network namespace: binds the sockets of a lane, hands them to the daemon
 * over Node's IPC channel (SCM_RIGHTS), and ends. Built on its own as dist/lane-helper.cjs; argv: the number of sockets.
 *
 * The sockets are bound and do not listen yet: nothing can connect to one before the daemon lends it to a command.
 */
import net from 'node:net';
import type { LaneHelperMessage } from './lane.js';

/** Node's own handle of a TCP socket; net exports its maker for the cluster module, and it is the one way to bind without listening. */
interface BoundHandle {
  getsockname(out: { port?: number }): number;
}
type CreateServerHandle = (address: string, port: number, type: 4, fd: -1, flags: 0) => BoundHandle | number;

function bind(): { handle: BoundHandle; port: number } {
  const create = (net as unknown as { _createServerHandle?: CreateServerHandle })._createServerHandle;
  if (create === undefined) throw new Error(`Node ${process.version} cannot bind a socket without listening on it`);
  const handle = create('127.0.0.1', 0, 4, -1, 0);
  if (typeof handle === 'number') throw new Error(`cannot bind on the lane's loopback (error ${handle})`);
  const name: { port?: number } = {};
  handle.getsockname(name);
  if (name.port === undefined) throw new Error('a bound socket has no port');
  return { handle, port: name.port };
}

function send(message: LaneHelperMessage, handle?: BoundHandle): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error ? reject(error) : resolve());
    if (process.send === undefined) reject(new Error('lane-helper is started by the daemon only'));
    else process.send(message, handle as unknown as net.Server | undefined, {}, done);
  });
}

async function main(): Promise<void> {
  // The daemon's word that it has opened our namespaces ends us. Listening for it keeps the process alive until then.
  process.once('message', () => process.disconnect());
  const sockets = Array.from({ length: Number(process.argv[2]) }, bind);
  await send({ pid: process.pid, ports: sockets.map(({ port }) => port) });
  for (const [index, { handle }] of sockets.entries()) await send({ index }, handle);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
