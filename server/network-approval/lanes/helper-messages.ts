/** What the helpers of lanes say to the daemon, and how they end. */
import type dgram from 'node:dgram';
import type net from 'node:net';
import { messageOf } from '../../errors/message-of.js';
import type { BoundSocket } from '../../system/node/node-internals.js';

/** First what comes, then one message with each socket: those of the commands, then the resolver's. */
export type LaneHelperMessage =
  | {
      readonly pid: number;
      /** The port of each TCP socket. */
      readonly ports: readonly number[];
      /** How many of these sockets each command gets. */
      readonly perCommand: number;
      /** How many UDP sockets follow. */
      readonly resolvers: number;
    }
  | { readonly index: number };

export interface HelperSockets {
  readonly perCommand: number;
  /** The proxies' sockets of a command come first: HTTP, then SOCKS. */
  readonly sockets: readonly BoundSocket[];
  readonly resolvers: readonly dgram.Socket[];
}

function send(message: LaneHelperMessage, handle?: net.Server | dgram.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error ? reject(error) : resolve());
    if (process.send === undefined) reject(new Error('a helper of lanes is started by the daemon only'));
    else process.send(message, handle, {}, done);
  });
}

/** The main function of a helper: makes the sockets, sends them, and ends at the daemon's word. */
export function helpWith(make: () => HelperSockets | Promise<HelperSockets>): void {
  main(make).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  });
}

async function main(make: () => HelperSockets | Promise<HelperSockets>): Promise<void> {
  // The daemon's message that it has opened our namespaces ends this process. Listening for it keeps the process alive
  // until then.
  process.once('message', () => process.disconnect());
  const { perCommand, sockets, resolvers } = await make();
  await send({ pid: process.pid, ports: sockets.map(({ port }) => port), perCommand, resolvers: resolvers.length });
  for (const [index, handle] of [...sockets.map(({ handle }) => handle), ...resolvers].entries())
    await send({ index }, handle);
}
