/** Two listening sockets on this machine's loopback: a lane that is no namespace. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { laneError } from '../../errors/network-errors.js';
import { osCode } from '../../errors/os-code.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import { messageOf } from '../../errors/message-of.js';
import type { ProxyKind } from './attribution.js';

export interface PortPair {
  readonly httpPort: number;
  readonly socksPort: number;
  /** Accepts nothing any more. Connections that were accepted stay open. Idempotent. */
  close(): void;
}

/** Connections in the kernel's queue: a burst of many commands must not lose any. */
const BACKLOG = 511;

/** Another program has the port, or the system keeps it for itself. */
const TAKEN = ['EADDRINUSE', 'EACCES'];

/**
 * The first pair of neighbours in `ports` that is free; 0 is any port. Null: all are taken. Rejects with `network.lane`
 * for every other error. Connections are accepted at once; they are not read (`pauseOnConnect`).
 */
export async function bindPair(
  ports: readonly number[],
  onConnection: (kind: ProxyKind, socket: net.Socket) => void,
): Promise<PortPair | null> {
  for (let i = 0; i + 1 < ports.length; i += 2) {
    const http = await listen(ports[i] ?? 0, (socket) => onConnection('http', socket));
    if (http === null) continue;
    const socks = await listen(ports[i + 1] ?? 0, (socket) => onConnection('socks', socket)).catch((error: unknown) => {
      http.close();
      throw error;
    });
    if (socks === null) {
      http.close();
      continue;
    }
    return {
      httpPort: portOf(http),
      socksPort: portOf(socks),
      close: () => [http, socks].forEach((server) => server.close()),
    };
  }
  return null;
}

/** Null: the port is taken. */
async function listen(port: number, onConnection: (socket: net.Socket) => void): Promise<net.Server | null> {
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
  const server = net.createServer(options, onConnection);
  server.listen({ port, host: '127.0.0.1', backlog: BACKLOG, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (TAKEN.includes(osCode(error) ?? '')) return null;
    throw laneError(osTroubleText(error) ?? messageOf(error));
  }
  // A connection that cannot be accepted is lost to its command alone.
  server.on('error', () => {});
  return server.unref();
}

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;
