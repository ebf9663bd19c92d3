/**
 * HTTP connections of one command, kept from request to request. Never shared between commands: what one command left
 * on a connection must not reach another. Node's client speaks on them (docs/decisions/upstream-http-client.md says
 * why); every connection comes from `dial`, and ends with its command there.
 *
 * TLS that is spoken here is verified, whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED), for the name that
 * was judged, against the roots of trust.ts.
 */
import http from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type tls from 'node:tls';
import { fault } from '../../../errors/fault.js';
import { authorityText } from '../../decide/targets.js';
import { ByteReader } from '../http/byte-reader.js';
import { askForTunnel, dial, portOf, type Route } from './dial.js';
import type { Trust } from './trust.js';
import { createVersions, type Chosen, type Way } from './versions.js';

/**
 * Idle connections kept per target, and how long, in milliseconds: below the 5 s after which Node upstreams close
 * theirs.
 */
const KEPT = { keepAlive: true, maxFreeSockets: 16, timeout: 4000 } as const;
/**
 * Milliseconds after which the kernel asks a silent upstream whether it is there; Node's default for kept connections.
 */
const PROBE = { keepAlive: true, keepAliveInitialDelay: 1000 } as const;
/** TLS sessions remembered, each from the last connection to one host at its addresses. */
const MAX_SESSIONS = 100;

/** The connection that a request needs. */
export interface Line {
  readonly route: Route;
  readonly scheme: 'http' | 'https';
  /** The upstream proxy is asked for a tunnel to the target, instead of being sent the request. */
  readonly tunnelled: boolean;
  /** On a connection of its own, which ends with the request. */
  readonly fresh: boolean;
  /** Gets the socket before it is connected. */
  opened(socket: net.Socket): void;
}

export interface Pool {
  /**
   * Starts a request in HTTP/1.1 on a connection that serves such lines, on `made`, or on a new one. What fails is the
   * request's error.
   */
  request(options: http.RequestOptions, line: Line, made?: net.Socket): http.ClientRequest;
  /** Starts a request in the version that the upstream of a line with TLS chooses. `again`: on a new connection. */
  choose<T>(line: Line, again: boolean, begin: (way: Way) => T): Chosen<T>;
}

/** The part of a request that the agent needs: connections of one name serve each other's requests. */
interface Named {
  readonly name: string;
  connect(): Promise<net.Socket>;
}

type Options = http.RequestOptions & Pick<tls.ConnectionOptions, 'servername'>;
type Created = (error: Error | null, socket: Duplex) => void;

/** Node's agent, with the two members of it that are there to be overridden. */
class KeptConnections extends http.Agent {
  override getName(options?: http.ClientRequestArgs & Partial<Named>): string {
    return options?.name ?? '';
  }

  override createConnection({ connect }: http.ClientRequestArgs & Partial<Named>, created?: Created): undefined {
    if (connect === undefined || created === undefined) throw fault('a request of the pool has no connection');
    handOver(connect(), created);
  }
}

/** Node takes no socket beside an error. */
function handOver(connection: Promise<net.Socket>, created: Created): void {
  connection.then((socket) => created(null, socket), created as (error: Error) => void);
}

/** `idleMs`: how long a connection is kept that nobody uses, in milliseconds. */
export function createPool(trust: Trust, idleMs: number = KEPT.timeout): Pool {
  const agent = new KeptConnections({ ...KEPT, timeout: idleMs });
  const sessions = new Map<string, Buffer>();

  async function secure(line: Line, name: string, versions: readonly string[]): Promise<tls.TLSSocket> {
    const [tls, secureContext] = await Promise.all([import('node:tls'), trust.context()]);
    const { host } = line.route.allowed.target;
    const session = line.fresh ? undefined : sessions.get(name);
    const secured = tls.connect({
      socket: await connect(line),
      secureContext,
      ALPNProtocols: [...versions],
      rejectUnauthorized: true,
      ...(session === undefined ? {} : { session }),
      // The certificate is compared with the judged host. No server name is sent for an address (RFC 6066 §3).
      ...(host.kind === 'name' ? { servername: host.text } : {}),
      checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(host.text, certificate),
    });
    if (!line.fresh) remember(secured, name);
    return secured;
  }

  function remember(secured: tls.TLSSocket, name: string): void {
    secured.on('session', (session) => {
      sessions.delete(name);
      sessions.set(name, session);
      for (const oldest of sessions.size > MAX_SESSIONS ? [...sessions.keys()].slice(0, 1) : [])
        sessions.delete(oldest);
    });
    secured.once('close', (failed) => void (failed && sessions.delete(name)));
  }

  const versions = createVersions<Line>((line, name) => secure(line, name, ['h2', 'http/1.1']), idleMs);
  return {
    choose: (line, again, begin) => versions.choose(line, nameOf(line), again, begin),
    request(options, line, made) {
      const name = nameOf(line);
      const open = async (): Promise<net.Socket> =>
        made ?? (line.scheme === 'https' ? secure(line, name, ['http/1.1']) : connect(line));
      if (!line.fresh) {
        // Otherwise Node makes a server name of the Host header; TLS gets its own in `secure`.
        const named: Options & Named = { ...options, agent, name, connect: open, servername: '' };
        return http.request(named);
      }
      // Without an agent Node ends the connection with the request.
      return http.request({ ...options, createConnection: (_options, created) => void handOver(open(), created) });
    },
  };
}

/**
 * The name differs for connections that must not be shared: the judged addresses, the port, and the certificate's name.
 */
function nameOf({ route, scheme, tunnelled }: Line): string {
  const { allowed, via } = route;
  const through = tunnelled ? authorityText(allowed.target, null) : '';
  const where = via === null ? [...allowed.addresses].sort().join() : `via ${through}`;
  return `${where}|${portOf(route)}|${scheme === 'https' ? allowed.target.host.text : ''}`;
}

/** A connection on which the request's own bytes may go out. */
async function connect({ route, tunnelled, opened }: Line): Promise<net.Socket> {
  const socket = await dial(route, opened, PROBE);
  const { allowed, via } = route;
  if (via === null || !tunnelled) return socket;
  const rest = await askForTunnel(socket, new ByteReader(socket), allowed.target, via);
  if (rest.length > 0) socket.unshift(rest);
  return socket;
}
