/** Clients of a lane's ports, and owners of connections that a test decides about. */
import { once } from 'node:events';
import net from 'node:net';
import type { Test } from 'tap';
import type { ConnectionOwner, OwnerOf } from '../../../server/system/programs/connection-owner.js';

export interface Client {
  readonly socket: net.Socket;
  /** What it has received so far. */
  text(): string;
  /** Resolves when the other side has closed or reset it. */
  readonly closed: Promise<void>;
}

export async function connectTo(t: Test, port: number): Promise<Client> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (piece: Buffer) => (received += piece.toString()));
  const closed = new Promise<void>((resolve) => {
    for (const event of ['error', 'end', 'close']) socket.on(event, () => resolve());
  });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return { socket, text: () => received, closed };
}

export interface FakeOwner {
  pid: number;
  /** Another process has its number since. */
  reused?: boolean;
}

/** By the port of the client's end. For a connection that the test has not entered yet, they wait for the entry. */
export function fakeOwners() {
  const owners = new Map<number, FakeOwner | null>();
  let wake: (() => void)[] = [];
  let asked = 0;
  const ownerOf: OwnerOf = async ({ remotePort }) => {
    asked++;
    while (!owners.has(remotePort)) await new Promise<void>((resolve) => wake.push(resolve));
    const owner = owners.get(remotePort);
    if (!owner) return undefined;
    const found: ConnectionOwner = { pid: owner.pid, isStillIts: async () => owner.reused !== true };
    return found;
  };
  return {
    ownerOf,
    /** How often an owner was looked up. */
    asked: () => asked,
    /** `owner` null: nobody. */
    enter({ socket }: Client, owner: FakeOwner | null): void {
      owners.set(socket.localPort ?? 0, owner);
      for (const go of wake) go();
      wake = [];
    },
  };
}

/** Where neither Linux nor Windows takes ports for outgoing connections from. */
const [FIRST_PORT, PORTS] = [20_000, 10_000];

/** Ports that were free a moment ago, on both of the loopback's addresses, and that no system gives away by itself. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (!found.includes(port) && (await isFree(port))) found.push(port);
  }
  return found;
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer().listen(port, '::');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
