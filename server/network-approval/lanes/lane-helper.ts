/**
 * Runs briefly inside a new user and network namespace. It binds the sockets of a lane, sends them to the daemon over
 * Node's IPC channel (SCM_RIGHTS), and ends. Built separately as dist/lane-helper.cjs. Its last message is the number
 * of sockets.
 *
 * The sockets are bound and do not listen yet: nothing can connect to one before the daemon assigns it to a command.
 */
import { messageOf } from '../../errors/message-of.js';
import type net from 'node:net';
import { bindWithoutListening } from '../../system/node/node-internals.js';
import type { LaneHelperMessage } from './lane.js';

function send(message: LaneHelperMessage, handle?: net.Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error ? reject(error) : resolve());
    if (process.send === undefined) reject(new Error('lane-helper is started by the daemon only'));
    else process.send(message, handle, {}, done);
  });
}

async function main(): Promise<void> {
  // The daemon's message that it has opened our namespaces ends this process. Listening for it keeps the process alive
  // until then.
  process.once('message', () => process.disconnect());
  const sockets = Array.from({ length: Number(process.argv.at(-1)) }, () => bindWithoutListening('127.0.0.1'));
  await send({ pid: process.pid, ports: sockets.map(({ port }) => port) });
  for (const [index, { handle }] of sockets.entries()) await send({ index }, handle);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
