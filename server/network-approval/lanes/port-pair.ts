/**
 * Two listening sockets on this machine's loopback: a lane that is no namespace.
 *
 * Threat: rules about loopback ports are about ::1 as well. Another program listens there on the same port, and a
 * command reaches it.
 * Rule: the daemon has the port on 127.0.0.1 and on ::1, or it does not use the port. On ::1 it closes connections.
 * Scope: those two addresses. Non-scope: other addresses of 127.0.0.0/8, and a program of the daemon's own user that
 * binds the same port on purpose (Windows' SO_REUSEADDR).
 */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { fault } from '../../errors/fault.js';
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
/** The system has no IPv6. */
const NO_IPV6 = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/**
 * The first pair of neighbours in `ports` that is free; 0 is any port. Null: all are taken. Rejects with `network.lane`
 * for every other error. Connections are accepted at once; they are not read (`pauseOnConnect`).
 */
export async function bindPair(
  ports: readonly number[],
  onConnection: (kind: ProxyKind, socket: net.Socket) => void,
): Promise<PortPair | null> {
  for (let i = 0; i + 1 < ports.length; i += 2) {
    const http = await bind(ports[i] ?? 0, (socket) => onConnection('http', socket));
    if (http === null) continue;
    const socks = await bind(ports[i + 1] ?? 0, (socket) => onConnection('socks', socket)).catch((error: unknown) => {
      http.close();
      throw error;
    });
    if (socks !== null) {
      const close = (): void => [http, socks].forEach((port) => port.close());
      return { httpPort: http.port, socksPort: socks.port, close };
    }
    http.close();
  }
  return null;
}

/** A port of both addresses. */
interface BoundPort {
  readonly port: number;
  close(): void;
}

/** Null: the port is taken on one of them. */
async function bind(port: number, onConnection: (socket: net.Socket) => void): Promise<BoundPort | null> {
  const server = await listen(port, '127.0.0.1', onConnection);
  if (server instanceof Error) return orTaken(server);
  const bound = (server.address() as AddressInfo).port;
  const guard = await listen(bound, '::1', (socket) => socket.destroy());
  if (!(guard instanceof Error)) return { port: bound, close: () => [server, guard].forEach((each) => each.close()) };
  if (NO_IPV6.includes(osCode(guard) ?? '')) return { port: bound, close: () => void server.close() };
  server.close();
  return orTaken(guard);
}

/** Null: another program has the port. Throws `network.lane` for other errors. */
function orTaken(error: Error): null {
  if (TAKEN.includes(osCode(error) ?? '')) return null;
  throw laneError(osTroubleText(error) ?? messageOf(error));
}

/** The error if it cannot listen. */
async function listen(
  port: number,
  host: string,
  onConnection: (socket: net.Socket) => void,
): Promise<net.Server | Error> {
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
  const server = net.createServer(options, onConnection);
  server.listen({ port, host, backlog: BACKLOG, exclusive: true, ipv6Only: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    return error instanceof Error ? error : fault('a server failed without an error');
  }
  // A connection that cannot be accepted is lost to its command alone.
  server.on('error', () => {});
  return server.unref();
}
