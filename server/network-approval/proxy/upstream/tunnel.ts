/**
 * Two connections as one: bytes both ways, each side's end and each side's failure passed on (CONNECT and SOCKS alike).
 */
import type net from 'node:net';
import type { Target } from '../../decide/targets.js';
import { dial, type Route } from './dial.js';
import { connectRequest, type UpstreamProxy } from './upstream-proxy.js';

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

/** Milliseconds that an upstream proxy may take to answer, and octets of its answer's head. */
const PROXY_TIMEOUT_MS = 30_000;
const MAX_PROXY_HEAD = 16 * 1024;

/** Connects to what was allowed; rejects when it cannot be reached. `own` gets the socket before it is connected. */
export async function openTunnel(route: Route, own: (socket: net.Socket) => void): Promise<Tunnel> {
  let client: net.Socket | null = null;
  let buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER);
  // What comes before the client is joined: an upstream proxy's answer, or a server that speaks first.
  let early = Buffer.alloc(0);
  let arrived = (): void => {};

  const onread: net.OnReadOpts = {
    buffer: () => buffer,
    callback(count) {
      const piece = buffer.subarray(0, count);
      if (client === null) {
        early = Buffer.concat([early, piece]);
        arrived();
        return false;
      }
      if (count === buffer.length && count < MAX_BUFFER) buffer = Buffer.allocUnsafeSlow(4 * count);
      client.write(piece);
      if (client.writableLength === 0) return true; // the kernel has taken it all, so the buffer is free again
      client.write('', () => upstream.resume()); // called when everything before it has gone
      return false;
    },
  };

  const upstream = await dial(route, own, onread);
  if (route.via !== null) await askForTunnel(route.allowed.target, route.via);
  return {
    upstream,
    join(joined) {
      client = joined;
      passFailureOn(joined, upstream);
      passFailureOn(upstream, joined);
      upstream.once('end', () => joined.end());
      if (early.length > 0) joined.write(early);
      upstream.resume();
    },
    open(joined, first) {
      if (first.length > 0) upstream.write(first);
      if (joined.readableEnded) upstream.end();
      else joined.pipe(upstream); // ends the upstream when the client ends, and waits when its buffer is full
    },
  };

  /** Rejects unless the upstream proxy answers with a 2xx; what follows its head is the tunnel's. */
  async function askForTunnel(target: Target, via: UpstreamProxy): Promise<void> {
    const timer = setTimeout(() => upstream.destroy(), PROXY_TIMEOUT_MS);
    const gone = new Promise<never>((_, reject) => {
      for (const event of ['end', 'close']) upstream.once(event, () => reject(new Error('the upstream proxy hung up')));
    });
    upstream.write(connectRequest(target, via));
    try {
      while (!early.includes('\r\n\r\n')) {
        if (early.length > MAX_PROXY_HEAD) throw new Error('the upstream proxy answers without an end');
        const more = new Promise<void>((resolve) => (arrived = resolve));
        upstream.resume();
        await Promise.race([more, gone]);
      }
      if (!/^HTTP\/1\.[01] 2[0-9][0-9] /.test(early.toString('latin1', 0, 13)))
        throw new Error('the upstream proxy refused');
      early = early.subarray(early.indexOf('\r\n\r\n') + 4);
    } catch (error) {
      upstream.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
      gone.catch(() => {}); // it may still come, when the tunnel ends
    }
  }
}

/** A reset is passed on as a reset: the other side must not take what it has for everything. */
export function passFailureOn(from: net.Socket, to: net.Socket): void {
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}
