/** A connection to a target through the proxy that the daemon runs behind, for what this proxy itself says inside. */
import { once } from 'node:events';
import net from 'node:net';
import type { Target } from '../../decide/targets.js';
import { ByteReader } from '../http/byte-reader.js';
import { connectRequest, type UpstreamProxy } from './upstream-proxy.js';

export interface Through {
  readonly via: UpstreamProxy;
  readonly target: Target;
  /** Gets the socket before it is connected: it ends with the command. */
  own(socket: net.Socket): void;
  /** Aborted: nobody wants the connection any more. */
  readonly signal: AbortSignal;
}

/**
 * Milliseconds that the upstream proxy has, from the first packet to the end of its answer's head; octets of that head.
 */
const PROXY_TIMEOUT_MS = 30_000;
const MAX_PROXY_HEAD = 16 * 1024;

/** A paused socket on which the tunnel stands. Rejects when the proxy cannot be reached or refuses. */
export async function connectThrough({ via, target, own, signal }: Through): Promise<net.Socket> {
  const socket = net.connect({ host: via.target.host.text, port: via.target.port, noDelay: true });
  own(socket);
  const give = (): void => void socket.destroy(new Error('nobody waits for it any more'));
  const timer = setTimeout(() => socket.destroy(new Error('the upstream proxy does not answer')), PROXY_TIMEOUT_MS);
  signal.addEventListener('abort', give, { once: true });
  socket.on('error', () => {}); // thrown by once(), or shown by the head that does not come
  try {
    if (signal.aborted) give();
    await once(socket, 'connect', { signal });
    socket.write(connectRequest(target, via));
    const reader = new ByteReader(socket);
    const head = await reader.head(MAX_PROXY_HEAD, PROXY_TIMEOUT_MS);
    const rest = reader.release();
    if (typeof head === 'string') throw new Error(`the upstream proxy gave no answer (${head})`);
    if (!/^HTTP\/1\.[01] 2[0-9][0-9] /.test(head.toString('latin1', 0, 13)))
      throw new Error('the upstream proxy refused the tunnel');
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', give);
  }
}
