/** Two connections as one: bytes both ways, each side's end and each side's failure passed on (CONNECT and SOCKS alike). */
import type net from 'node:net';
import type { Allowed } from '../decide.js';
import { dial } from './dial.js';

export interface Tunnel {
  readonly upstream: net.Socket;
  /** Joins the client; `early` is what it had sent already. Both sockets are half-open as long as one side still sends. */
  join(client: net.Socket, early: Buffer): void;
}

/**
 * Octets of the buffer that an upstream's bytes are read into, again and again: no allocation a read. It starts small,
 * because a command may hold hundreds of tunnels, and grows while reads fill it.
 */
const FIRST_BUFFER = 16 * 1024;
const MAX_BUFFER = 256 * 1024;

/** Connects to what was allowed; rejects when it cannot be reached. `own` gets the socket before it is connected. */
export async function openTunnel(allowed: Allowed, own: (socket: net.Socket) => void): Promise<Tunnel> {
  let client: net.Socket | null = null;
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER);
  const early: Buffer[] = [];

  const onread: net.OnReadOpts = {
    buffer: () => buffer,
    callback(count) {
      const piece = buffer.subarray(0, count);
      if (client === null) {
        early.push(Buffer.from(piece)); // a server that speaks first, before the client was told that it may
        return false;
      }
      if (count === buffer.length && count < MAX_BUFFER) buffer = Buffer.allocUnsafeSlow(4 * count);
      client.write(piece);
      if (client.writableLength === 0) return true; // the kernel has taken it all, so the buffer is free again
      client.write('', () => upstream.resume()); // called when everything before it has gone
      return false;
    },
  };
  const upstream = await dial(allowed, own, onread);
  return {
    upstream,
    join(joined, first) {
      client = joined;
      passFailureOn(joined, upstream);
      passFailureOn(upstream, joined);
      if (first.length > 0) upstream.write(first);
      joined.pipe(upstream); // ends the upstream when the client ends, and waits when its buffer is full
      upstream.once('end', () => joined.end());
      for (const piece of early) joined.write(piece);
      upstream.resume();
    },
  };
}

/** A reset is passed on as a reset: the other side must not take what it has for everything. */
function passFailureOn(from: net.Socket, to: net.Socket): void {
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}
