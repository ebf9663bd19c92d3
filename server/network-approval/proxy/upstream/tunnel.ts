/**
 * Two connections as one: bytes both ways, each side's end and each side's failure passed on (CONNECT and SOCKS alike).
 */
import type net from 'node:net';
import { ByteReader } from '../http/byte-reader.js';
import { askForTunnel, dial, type Route } from './dial.js';

export interface Tunnel {
  readonly upstream: net.Socket;
  /** The client gets what the upstream sends. Both sockets are half-open as long as one side still sends. */
  join(client: net.Socket): void;
  /** The upstream gets `first`, and then what the client sends. */
  open(client: net.Socket, first: Buffer): void;
}

/**
 * Octets of the buffer that an upstream's bytes are read into, again and again: no allocation a read. It starts small,
 * because a command may hold hundreds of tunnels, and grows while reads fill it.
 */
const FIRST_BUFFER = 16 * 1024;
const MAX_BUFFER = 256 * 1024;

/** Connects to what was allowed; rejects when it cannot be reached. `opened` gets the socket before it is connected. */
export async function openTunnel(route: Route, opened: (socket: net.Socket) => void): Promise<Tunnel> {
  let client: net.Socket | null = null;
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER);
  // What comes before the client is joined: an upstream proxy's answer, or a server that speaks first.
  let reader: ByteReader | null = null;

  const onread: net.OnReadOpts = {
    buffer: () => buffer,
    callback(count) {
      const piece = buffer.subarray(0, count);
      if (client === null) {
        reader ??= new ByteReader(upstream); // pauses the socket when it has enough
        reader.feed(Buffer.from(piece));
        return true;
      }
      if (count === buffer.length && count < MAX_BUFFER) buffer = Buffer.allocUnsafeSlow(4 * count);
      client.write(piece);
      if (client.writableLength === 0) return true; // the kernel has taken it all, so the buffer is free again
      client.write('', () => upstream.resume()); // called when everything before it has gone
      return false;
    },
  };

  const upstream = await dial(route, opened, { allowHalfOpen: true, onread });
  const { allowed, via } = route;
  if (via !== null) reader = new ByteReader(upstream);
  const early = via === null || reader === null ? null : await askForTunnel(upstream, reader, allowed.target, via);
  return {
    upstream,
    join(joined) {
      const first = early ?? reader?.release() ?? Buffer.alloc(0);
      client = joined;
      passFailureOn(joined, upstream);
      passFailureOn(upstream, joined);
      if (upstream.readableEnded) joined.end();
      else upstream.once('end', () => joined.end());
      if (first.length > 0) joined.write(first);
      upstream.resume();
    },
    open(joined, first) {
      if (first.length > 0) upstream.write(first);
      if (joined.readableEnded) upstream.end();
      else joined.pipe(upstream); // ends the upstream when the client ends, and waits when its buffer is full
    },
  };
}

/** A reset is passed on as a reset: the other side must not take what it has for everything. */
export function passFailureOn(from: net.Socket, to: net.Socket): void {
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}
