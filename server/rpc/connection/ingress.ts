/**
 * The received messages that nobody has begun to handle: one bounded queue for the whole server
 * (docs/protocol/transport.md §13).
 *
 * Threat: a client sends faster than the server can handle.
 * Rule: when the queue is full, a request is refused at once with -32001. Answers to server requests always get in.
 * Connections take turns, so that a flood on one delays the others by one message each. The flooding connection stops
 * reading before the queue is full (connection.ts), so refusals are rare.
 */
import type { Incoming } from '../wire/message.js';

export type Queued = Extract<Incoming, { kind: 'request' | 'response' | 'error' }>;

export interface IngressLimits {
  /**
   * In messages. The reference's capacity is 128, and it refuses most of a burst. One 64 KiB read has up to 3000 small
   * requests.
   */
  readonly capacity: number;
  /** Bytes on the wire of the waiting messages. */
  readonly maxBytes: number;
  /** Messages that begin in one turn of the event loop. Sockets and timers run between the turns. */
  readonly perTurn: number;
}
export const INGRESS_LIMITS: IngressLimits = { capacity: 4096, maxBytes: 256 * 1024 * 1024, perTurn: 64 };

/** One connection's part of the queue. */
export interface Inbox {
  /** Returns false when the queue is full; the caller must then refuse the request. */
  offer(message: Queued, bytes: number): boolean;
  size(): number;
  /**
   * Delays messages until `release`: the handshake is answered before later messages (docs/protocol/transport.md §5).
   */
  hold(): void;
  release(): void;
  /** The connection has ended: its waiting messages are dropped. */
  discard(): void;
}

export interface Ingress {
  inbox(begin: (message: Queued) => void): Inbox;
  /** Resolves when no message waits. */
  idle(): Promise<void>;
}

export function createIngress(limits: IngressLimits = INGRESS_LIMITS): Ingress {
  const ring: Place[] = []; // connections with waiting messages, in the order of their turns
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
      let onHold = false;
      return {
        offer(message, bytes) {
          if (message.kind === 'request' && (waiting >= limits.capacity || waitingBytes >= limits.maxBytes))
            return false;
          waiting++;
          waitingBytes += bytes;
          place.messages.push({ message, bytes });
          if (place.messages.length === 1 && !onHold) ring.push(place);
          schedule();
          return true;
        },
        size: () => place.messages.length,
        hold() {
          onHold = true;
          leaveRing(place);
        },
        release() {
          if (!onHold) return;
          onHold = false;
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
