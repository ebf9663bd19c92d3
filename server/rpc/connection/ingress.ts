/**
 * What clients have sent and nobody has begun to work on: one bounded queue for the whole server
 * (docs/protocol/transport.md §13).
 *
 * Threat: a client that sends faster than it can be served. Rule: a request that finds the queue full is refused at
 * once with -32001; answers to our own questions always get in; connections take turns, so that a flood on one delays
 * the others by one message each and not by the flood. Before the queue fills, the flooding connection is no longer
 * read (connection.ts), so refusals are rare.
 */
import type { Incoming } from '../wire/message.js';

export type Queued = Extract<Incoming, { kind: 'request' | 'response' | 'error' }>;

export interface IngressLimits {
  /** Messages. The reference has 128 and refuses most of a burst; one 64 KiB read holds up to 3000 small requests. */
  readonly capacity: number;
  /** Bytes on the wire of the messages that wait. */
  readonly maxBytes: number;
  /** Messages begun in one turn of the event loop: sockets and timers get their turn in between. */
  readonly perTurn: number;
}
export const INGRESS_LIMITS: IngressLimits = { capacity: 4096, maxBytes: 256 * 1024 * 1024, perTurn: 64 };

/** One connection's place in the queue. */
export interface Inbox {
  /** False: full, the request must be refused. */
  offer(message: Queued, bytes: number): boolean;
  size(): number;
  /**
   * While held, messages wait: the handshake is answered before what came behind it (docs/protocol/transport.md §5).
   */
  hold(): void;
  release(): void;
  /** The connection is gone: what waits is forgotten. */
  discard(): void;
}

export interface Ingress {
  inbox(begin: (message: Queued) => void): Inbox;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

export function createIngress(limits: IngressLimits = INGRESS_LIMITS): Ingress {
  const ring: Place[] = []; // connections with something to begin, in the order of their turns
  let waiting = 0;
  let waitingBytes = 0;
  let scheduled = false;
  let idlers: (() => void)[] = [];

  const schedule = (): void => {
    if (scheduled || !ring.length) return;
    scheduled = true;
    setImmediate(turn);
  };
  const turn = (): void => {
    scheduled = false;
    for (let begun = 0; begun < limits.perTurn; begun++) {
      const place = ring.shift();
      if (!place) break;
      const { message, bytes } = place.messages.shift()!;
      forget(1, bytes);
      if (place.messages.length) ring.push(place);
      place.begin(message);
    }
    schedule();
  };
  const forget = (count: number, bytes: number): void => {
    waiting -= count;
    waitingBytes -= bytes;
    if (waiting > 0) return;
    idlers.forEach((resolve) => resolve());
    idlers = [];
  };
  const leaveRing = (place: Place): void => {
    const index = ring.indexOf(place);
    if (index >= 0) ring.splice(index, 1);
  };

  return {
    inbox(begin) {
      const place: Place = { messages: [], begin };
      let held = false;
      return {
        offer(message, bytes) {
          if (message.kind === 'request' && (waiting >= limits.capacity || waitingBytes >= limits.maxBytes))
            return false;
          waiting++;
          waitingBytes += bytes;
          place.messages.push({ message, bytes });
          if (place.messages.length === 1 && !held) ring.push(place);
          schedule();
          return true;
        },
        size: () => place.messages.length,
        hold() {
          held = true;
          leaveRing(place);
        },
        release() {
          if (!held) return;
          held = false;
          if (place.messages.length) ring.push(place);
          schedule();
        },
        discard() {
          leaveRing(place);
          const bytes = place.messages.reduce((sum, entry) => sum + entry.bytes, 0);
          forget(place.messages.length, bytes);
          place.messages.length = 0;
        },
      };
    },
    idle: () => (waiting === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  };
}

interface Place {
  readonly messages: { readonly message: Queued; readonly bytes: number }[];
  readonly begin: (message: Queued) => void;
}
