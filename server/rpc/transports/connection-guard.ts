/**
 * Connections that say nothing, and too many that do.
 *
 * Threat: whoever can reach the listener opens connections and stays silent, with no credential needed, until the
 * daemon has no descriptor left: then no client gets in and no command starts.
 * Rule: a connection has ten seconds to complete its upgrade, or its next plain request. Only so many may be without
 * one at a time, and the one that was silent longest makes room, so that a client, which speaks at once, gets in
 * however many wait. All connections together leave most descriptors to other things.
 * Scope: until the upgrade. Non-scope: who may upgrade (auth.ts), what a client sends afterwards (ingress.ts).
 */
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { descriptorLimit, freeDescriptors } from '../../system/programs/descriptors.js';

export interface GuardLimits {
  /** Milliseconds without a request or a completed upgrade. */
  readonly silenceMs: number;
  /** Connections without an upgrade, of all peers, and of one address that is not this machine's. */
  readonly strangers: number;
  readonly strangersPerPeer: number;
  /** Connections in all. */
  readonly connections: number;
}

/**
 * A quarter of the descriptors is for connections; more than 10 000 at once is no use that anybody has of this daemon.
 */
export const guardLimits = (descriptors = descriptorLimit()): GuardLimits => {
  const connections = Math.max(Math.min(Math.floor(descriptors / 4), 10_000), 8);
  return { silenceMs: 10_000, strangers: Math.min(64, Math.ceil(connections / 2)), strangersPerPeer: 16, connections };
};

/** Descriptors that stay free for the clients that are there already. */
const SPARE_DESCRIPTORS = 8;

export interface ConnectionGuard {
  /** The upgrade of this connection is complete. */
  admitted(socket: Socket): void;
}

/** Told of each connection that is closed for its silence, or to make room. */
export type TurnedAway = (reason: 'silence' | 'limit', socket: Socket, why: string) => void;

export function guardConnections(
  server: HttpServer,
  turnedAway: TurnedAway,
  limits: GuardLimits = guardLimits(),
): ConnectionGuard {
  const { silenceMs, strangers: maxStrangers, strangersPerPeer, connections: maxConnections } = limits;
  const open = new Set<Socket>();
  /** By how long they have been silent, the longest first. */
  const strangers = new Map<Socket, NodeJS.Timeout>();

  /** Had an answer. */
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
    // A kept connection that asks no more is not turned away, only closed.
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
  // A kept connection of a health check or a scrape is not silent.
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
