/**
 * Limits idle connections without an upgrade, and the number of connections.
 *
 * Threat: a client opens connections without any credential and sends nothing, until the daemon has no descriptor left.
 * Then no client can connect and no command can start.
 * Rule: a connection has ten seconds to complete its upgrade, or its next plain request. The number of connections
 * without an upgrade is limited. At the limit, the one that was idle longest is closed, so a client, which sends at
 * once, gets in however many wait. One that has just connected had no time to send, and one that has asked waits for
 * us: these are closed only when connections without an upgrade are half of all that may be open. All connections
 * together leave most descriptors for other uses.
 * Scope: until the upgrade.
 * Non-scope: who may upgrade (auth.ts), what a client sends afterwards (ingress.ts).
 */
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { descriptorLimit, freeDescriptors } from '../../system/programs/descriptors.js';
import { isLocal } from './peer.js';

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

/** In milliseconds: clients that connect all at once need this time to send their requests on a busy machine. */
const GRACE_MS = 500;

/** Descriptors that stay free for the existing clients. */
const SPARE_DESCRIPTORS = 8;
/** Counting is as expensive as accepting. While so many are free, they last until the next count. */
const PLENTY = 2_000;
const COUNT_EVERY_MS = 50;

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
  const strangers = new Map<Socket, Stranger>();
  const crowd = Math.max(Math.ceil(maxConnections / 2), maxStrangers);

  /** Received an answer before. */
  const served = new WeakSet<Socket>();

  /** Free descriptors, as last counted less the connections since, and when they were counted. */
  let free = 0;
  let countedAt = -Infinity;
  const isScarce = (): boolean => {
    const now = performance.now();
    if (free > PLENTY && now - countedAt < COUNT_EVERY_MS) free--;
    else [free, countedAt] = [freeDescriptors(), now];
    return free < SPARE_DESCRIPTORS;
  };

  const forget = (socket: Socket): void => {
    clearTimeout(strangers.get(socket)?.silence);
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
    const silence = setTimeout(() => turnAway(socket, 'silence'), silenceMs).unref();
    strangers.set(socket, { silence, since: performance.now(), hasAsked: false });
  };
  /** The longest silent one among more than there may be, of all peers or of one; undefined: there are not too many. */
  const surplus = (): Socket | undefined => {
    const silent = [...strangers].flatMap(([socket, { hasAsked }]) => (hasAsked ? [] : [socket]));
    if (silent.length > maxStrangers) return silent[0];
    const byPeer = new Map<string, Socket[]>();
    for (const socket of silent) {
      const { remoteAddress: peer } = socket;
      if (peer === undefined || isLocal(peer)) continue;
      const ofPeer = byPeer.get(peer);
      if (ofPeer === undefined) byPeer.set(peer, [socket]);
      else ofPeer.push(socket);
    }
    return [...byPeer.values()].find(({ length }) => length > strangersPerPeer)?.[0];
  };
  let thinning: NodeJS.Timeout | undefined;
  /** Closes the surplus, each when it had its time. */
  const thin = (): void => {
    thinning = undefined;
    for (;;) {
      const socket = surplus();
      if (socket === undefined) return;
      const left = GRACE_MS - (performance.now() - strangers.get(socket)!.since);
      if (left > 0) return void (thinning = setTimeout(thin, left).unref());
      turnAway(socket, 'limit');
    }
  };

  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      forget(socket);
    });
    wait(socket);
    if (strangers.size > crowd || open.size > maxConnections || isScarce()) {
      const [oldest] = strangers.keys();
      if (oldest !== undefined) turnAway(oldest, 'limit');
    }
    if (strangers.size > Math.min(maxStrangers, strangersPerPeer)) thinning ??= setTimeout(thin, GRACE_MS).unref();
  });
  // It waits for us now: to judge many clients that connect at once may take longer than their time.
  server.on('upgrade', ({ socket }) => {
    const stranger = strangers.get(socket);
    if (stranger !== undefined) stranger.hasAsked = true;
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

interface Stranger {
  /** Ends the connection. */
  readonly silence: NodeJS.Timeout;
  /** Since when it is silent (monotonic, ms). */
  readonly since: number;
  /** Its request for an upgrade is here. */
  hasAsked: boolean;
}
