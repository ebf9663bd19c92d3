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

export interface Ingress {
  inbox(begin: (message: Queued) => void): Inbox;
  /** Resolves when no message waits. */
  idle(): Promise<void>;
}

export const createIngress = (limits: IngressLimits = INGRESS_LIMITS): Ingress => {
  const queue = new Queue(limits);
  return { inbox: (begin) => new Inbox(queue, begin), idle: () => queue.idle() };
};

/** One connection's part of the queue. */
export class Inbox {
  readonly begin: (message: Queued) => void;
  readonly messages: { readonly message: Queued; readonly bytes: number }[] = [];
  readonly #queue: Queue;
  #isOnHold = false;

  constructor(queue: Queue, begin: (message: Queued) => void) {
    this.#queue = queue;
    this.begin = begin;
  }

  /** Returns false when the queue is full; the caller must then refuse the request. */
  offer(message: Queued, bytes: number): boolean {
    if (message.kind === 'request' && this.#queue.isFull()) return false;
    this.messages.push({ message, bytes });
    this.#queue.added(bytes);
    if (this.messages.length === 1 && !this.#isOnHold) this.#queue.enter(this);
    return true;
  }

  size(): number {
    return this.messages.length;
  }

  /**
   * Delays messages until `release`: the handshake is answered before later messages (docs/protocol/transport.md §5).
   */
  hold(): void {
    this.#isOnHold = true;
    this.#queue.leave(this);
  }

  release(): void {
    if (!this.#isOnHold) return;
    this.#isOnHold = false;
    if (this.messages.length > 0) this.#queue.enter(this);
  }

  /** The connection has ended: its waiting messages are dropped. */
  discard(): void {
    this.#queue.leave(this);
    const bytes = this.messages.reduce((sum, entry) => sum + entry.bytes, 0);
    this.#queue.removed(this.messages.length, bytes);
    this.messages.length = 0;
  }
}

/** The inboxes with waiting messages, in the order of their turns, and how much waits in all inboxes. */
class Queue {
  readonly #limits: IngressLimits;
  readonly #ring: Inbox[] = [];
  #waiting = 0;
  #waitingBytes = 0;
  #isScheduled = false;
  #idlers: (() => void)[] = [];

  constructor(limits: IngressLimits) {
    this.#limits = limits;
  }

  isFull(): boolean {
    return this.#waiting >= this.#limits.capacity || this.#waitingBytes >= this.#limits.maxBytes;
  }

  added(bytes: number): void {
    this.#waiting++;
    this.#waitingBytes += bytes;
  }

  removed(count: number, bytes: number): void {
    this.#waiting -= count;
    this.#waitingBytes -= bytes;
    if (this.#waiting > 0) return;
    this.#idlers.forEach((resolve) => resolve());
    this.#idlers = [];
  }

  enter(inbox: Inbox): void {
    this.#ring.push(inbox);
    this.#schedule();
  }

  leave(inbox: Inbox): void {
    const index = this.#ring.indexOf(inbox);
    if (index >= 0) this.#ring.splice(index, 1);
  }

  idle(): Promise<void> {
    return this.#waiting === 0 ? Promise.resolve() : new Promise((resolve) => this.#idlers.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#ring.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    for (let begun = 0; begun < this.#limits.perTurn; begun++) {
      const inbox = this.#ring.shift();
      if (inbox === undefined) break;
      const { message, bytes } = inbox.messages.shift()!;
      this.removed(1, bytes);
      if (inbox.messages.length > 0) this.#ring.push(inbox);
      inbox.begin(message);
    }
    this.#schedule();
  }
}
