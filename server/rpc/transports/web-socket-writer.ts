/**
 * Writes the messages of one turn of the event loop to a client's socket with one system call.
 *
 * A thread's notifications go to all its subscribers. Subscribers that receive the same messages in the same turn share
 * the bytes of their frames, so that one subscriber more costs a system call a turn, and no copy.
 */
import type { Duplex } from 'node:stream';
import type { Encoded } from '../wire/encode.js';
import { framesOf } from '../wire/web-socket-frames.js';

export interface WebSocketWriter {
  /** Keeps the order. Calls `sent` when the bytes have left this process or cannot leave it any more. */
  send(message: Encoded, sent: () => void): void;
  /** Passes on what waits. Call it before the closing frame is sent. */
  flush(): void;
}

/**
 * `isOpen`: frames may be written; after the closing frame they may not. Nothing else may compress or mask the frames
 * of this socket. Control frames may come between the frames.
 */
export function createWebSocketWriter(socket: Pick<Duplex, 'cork' | 'uncork' | 'write'>, isOpen: () => boolean) {
  let waiting: Encoded[] = [];
  let callbacks: (() => void)[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const [messages, due] = [waiting, callbacks];
    [waiting, callbacks] = [[], []];
    const done = (): void => due.forEach((sent) => sent());
    if (!isOpen()) return done();
    const pieces = sharedFrames(messages);
    socket.cork();
    pieces.forEach((piece, n) => {
      if (n === pieces.length - 1) socket.write(piece, done);
      else socket.write(piece);
    });
    socket.uncork();
  };
  const writer: WebSocketWriter = {
    send(message, sent) {
      if (waiting.length === 0) process.nextTick(flush);
      waiting.push(message);
      callbacks.push(sent);
    },
    flush,
  };
  return writer;
}

interface Batch {
  readonly messages: readonly Encoded[];
  readonly pieces: readonly Buffer[];
}

/** The batches of this turn, by their first message. */
const batches = new Map<Encoded, Batch>();

function sharedFrames(messages: readonly Encoded[]): readonly Buffer[] {
  const [first] = messages;
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
