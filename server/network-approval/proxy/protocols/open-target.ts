/**
 * The one way from what a client asked for to a connection, whichever door it came in by: CONNECT, SOCKS5, or a
 * connection that knows no proxy (transparent_tcp).
 *
 * Threat: a door that decides, dials or looks into a connection in a way of its own, so that a rule holds at one door
 * and not at another.
 * Rule: the target is decided; then either the daemon's own end serves what is inside, where the mode or a hook needs
 * that, or the judged address is dialled and the first bytes are looked at. The decision is recorded where it is made,
 * with the address that was dialled.
 * Non-scope: what a door reads before, and how it says no.
 */
import type net from 'node:net';
import type { Refused } from '../../decide/refuse.js';
import type { ClientStream, StreamEnd } from '../upstream/command-port.js';
import { relay } from './relay.js';

export interface Door {
  /** The method that is judged; null: the protocol of the door has none. */
  readonly method: string | null;
  /** Whether limited mode can look into the door's connections. Without it the mode refuses them. */
  readonly canIntercept: boolean;
  /** What tells the client that its connection stands. `upstream` null: it ends at the daemon. */
  standing(upstream: net.Socket | null): string | Buffer;
}

/** `refused` and `unreachable`: nothing has been said to the client, and its reader still reads. */
export type Opened =
  | { readonly kind: 'over'; readonly end: StreamEnd }
  | { readonly kind: 'refused'; readonly refused: Refused }
  | { readonly kind: 'unreachable' };

/** Resolves when the connection is over or belongs to two sockets. Rejects for faults of the daemon's own. */
export async function openTarget(stream: ClientStream, door: Door): Promise<Opened> {
  const { socket, command, target, protocol } = stream;
  const intercept = door.canIntercept ? command.interceptFor(target) : null;
  const outcome = await command.decide({
    protocol,
    target,
    method: door.method,
    ...(intercept === null ? {} : { intercepted: 'tunnel' }),
  });
  if (outcome.kind === 'denied') return { kind: 'over', end: 'denied' };
  if (outcome.kind === 'refused') return { kind: 'refused', refused: outcome.refused };
  if (intercept !== null) {
    socket.write(door.standing(null));
    return { kind: 'over', end: await intercept(stream) };
  }
  const end = await relay(stream, outcome, door.standing);
  return end === 'unreachable' ? { kind: 'unreachable' } : { kind: 'over', end };
}
