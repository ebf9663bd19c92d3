/**
 * Writes the messages of one turn of the event loop to a client's socket with one system call.
 *
 * A thread's notifications go to all its subscribers. Subscribers that receive the same messages in the same turn share
 * the bytes of their frames, so that one subscriber more costs a system call a turn, and no copy.
 */
import type { Duplex } from 'node:stream';
import type { Encoded } from '../wire/encode.js';
import { framesOf } from '../wire/web-socket-frames.js';

export class WebSocketWriter {
  readonly #socket: Pick<Duplex, 'cork' | 'uncork' | 'write'>;
  readonly #isOpen: () => boolean;
  #waiting: Encoded[] = [];
  #callbacks: (() => void)[] = [];

  /**
   * `isOpen`: frames may be written; after the closing frame they may not. Nothing else may compress or mask the frames
   * of this socket. Control frames may come between the frames.
   */
  constructor(socket: Pick<Duplex, 'cork' | 'uncork' | 'write'>, isOpen: () => boolean) {
    this.#socket = socket;
    this.#isOpen = isOpen;
  }

  /** Keeps the order. Calls `sent` when the bytes have left this process or cannot leave it any more. */
  send(message: Encoded, sent: () => void): void {
    if (this.#waiting.length === 0) process.nextTick(flush, this);
    this.#waiting.push(message);
    this.#callbacks.push(sent);
  }

  /** Passes on what waits. Call it before the closing frame is sent. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    const due = this.#callbacks;
    this.#waiting = [];
    this.#callbacks = [];
    const done = (): void => due.forEach((sent) => sent());
    if (!this.#isOpen()) return done();
    const pieces = sharedFrames(messages);
    const last = pieces.length - 1;
    if (last > 0) this.#socket.cork();
    pieces.forEach((piece, n) => {
      if (n === last) this.#socket.write(piece, done);
      else this.#socket.write(piece);
    });
    if (last > 0) this.#socket.uncork();
  }
}

const flush = (writer: WebSocketWriter): void => writer.flush();

interface Batch {
  readonly messages: readonly Encoded[];
  readonly pieces: readonly Buffer[];
}

/** The batches of this turn, by their first message. */
const batches = new Map<Encoded, Batch>();

function sharedFrames(messages: readonly Encoded[]): readonly Buffer[] {
  const first = messages[0];
  if (first === undefined) return [];
  const known = batches.get(first);
  if (known !== undefined && isSame(known.messages, messages)) return known.pieces;
  const pieces = framesOf(messages);
  if (batches.size === 0) setImmediate(() => batches.clear());
  batches.set(first, { messages, pieces });
  return pieces;
}

const isSame = (a: readonly Encoded[], b: readonly Encoded[]): boolean =>
  a.length === b.length && a.every((message, n) => message === b[n]);
