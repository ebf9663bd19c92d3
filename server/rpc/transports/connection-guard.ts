/**
 * Limits idle connections without an upgrade, and the number of connections.
 *
 * Threat: a client opens connections without any credential and sends nothing, until the daemon has no descriptor left.
 * Then no client can connect and no command can start.
 * Rule: a connection has ten seconds to complete its upgrade, or its next plain request. The number of connections
 * without an upgrade is limited. At the limit, the one that was idle longest is closed, so a client, which sends at
 * once, gets in however many wait. All connections together leave most descriptors for other uses.
 * Scope: until the upgrade.
 * Non-scope: who may upgrade (auth.ts), what a client sends afterwards (ingress.ts).
 */
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { descriptorLimit, freeDescriptors } from '../../system/programs/descriptors.js';

export interface GuardLimits {
  /** Milliseconds without a request or a completed upgrade. */
  readonly silenceMs: number;
  /** Connections without an upgrade: of all peers, and of one remote address. */
  readonly strangers: number;
  readonly strangersPerPeer: number;
  /** The total number of connections. */
  readonly connections: number;
}

/** A quarter of the descriptors is for connections. More than 10 000 at once have no use for this daemon. */
export const guardLimits = (descriptors = descriptorLimit()): GuardLimits => {
  const connections = Math.max(Math.min(Math.floor(descriptors / 4), 10_000), 8);
  return { silenceMs: 10_000, strangers: Math.min(64, Math.ceil(connections / 2)), strangersPerPeer: 16, connections };
};

/** Descriptors that stay free for the existing clients. */
const SPARE_DESCRIPTORS = 8;

export interface ConnectionGuard {
  /** The upgrade of this connection is complete. */
  admitted(socket: Socket): void;
}

/** Called for each connection that is closed because it is idle, or to make room. */
export type TurnedAway = (reason: 'silence' | 'limit', socket: Socket, why: string) => void;

export function guardConnections(
  server: HttpServer,
  turnedAway: TurnedAway,
  limits: GuardLimits = guardLimits(),
): ConnectionGuard {
  const { silenceMs, strangers: maxStrangers, strangersPerPeer, connections: maxConnections } = limits;
  const open = new Set<Socket>();
  /** In order of idle time, the longest first. */
  const strangers = new Map<Socket, NodeJS.Timeout>();

  /** Received an answer before. */
  const served = new WeakSet<Socket>();

  const forget = (socket: Socket): void => {
    clearTimeout(strangers.get(socket));
    strangers.delete(socket);
  };
  const turnAway = (socket: Socket, reason: 'silence' | 'limit'): void => {
    const why =
      reason === 'silence'
        ? `it sent no request within ${silenceMs} ms`
        : `${open.size} connections are open, ${strangers.size} of them without a request: the one that was silent longest makes room`;
    // A kept connection without a further request is only closed, and does not count as refused.
    if (!served.has(socket)) turnedAway(reason, socket, why);
    forget(socket);
    socket.destroy();
  };
  const wait = (socket: Socket): void => {
    forget(socket);
    strangers.set(socket, setTimeout(() => turnAway(socket, 'silence'), silenceMs).unref());
  };

  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      forget(socket);
    });
    wait(socket);
    const peer = socket.remoteAddress;
    const ofPeer = isLocal(peer) ? [] : [...strangers.keys()].filter(({ remoteAddress }) => remoteAddress === peer);
    const [oldestOfPeer] = ofPeer.length > strangersPerPeer ? ofPeer : [];
    if (oldestOfPeer !== undefined) turnAway(oldestOfPeer, 'limit');
    const [oldest] = strangers.size > maxStrangers || open.size > maxConnections || scarce() ? strangers.keys() : [];
    if (oldest !== undefined) turnAway(oldest, 'limit');
  });
  // A kept connection of a health check or a scrape does not count as idle.
  server.on('request', (_request, response) => {
    const { socket } = response;
    if (socket !== null) served.add(socket);
    if (socket === null || !strangers.has(socket)) return;
    response.once('close', () => {
      if (strangers.has(socket)) wait(socket);
    });
  });
  return { admitted: forget };
}

const scarce = (): boolean => freeDescriptors() < SPARE_DESCRIPTORS;

/** A unix socket has no address. */
const isLocal = (address: string | undefined): boolean =>
  address === undefined || address === '::1' || /^(?:::ffff:)?127\./.test(address);
