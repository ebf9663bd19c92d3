/**
 * Where a command's output goes: collected up to a cap, or sent on in pieces up to a cap (docs/protocol/exec.md §4).
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { decodeOutput } from './charset.js';

/** Takes what a command writes to one of its streams. */
export interface OutputSink {
  /** Takes a piece, which is not empty. A promise pauses the reading of this stream until it settles: back-pressure. */
  push(piece: Buffer): Promise<void> | undefined;
  /** The cap is reached: what follows is read and dropped, and nobody waits for the end of this stream. */
  readonly full: boolean;
}

/** A sink with what its owner does when the command has ended. */
export interface Output extends OutputSink {
  /** Adds words of our own, whatever the cap. They are told whether the output so far stops in the middle of a line. */
  say(words: (midLine: boolean) => string): void;
  /** The text for the response: everything that was not sent on already. Once. Throws `exec.output-too-large`. */
  finish(): string;
  /** There will be no response: what is kept for it is let go. Harmless behind `finish`. */
  discard(): void;
}

/** Per stream, docs/protocol/exec.md §1. */
export const DEFAULT_OUTPUT_CAP_BYTES = 1024 * 1024;

/**
 * What all outputs that may grow beyond the default cap may keep for their answers together, in bytes. An answer is
 * held four times over while it is written, and nobody can read one that is larger than this.
 */
export const MAX_KEPT_BYTES = 256 * 1024 * 1024;
let keptBytes = 0;

/** More output than can be kept for one answer. */
const outputTooLarge = (): CodexdError =>
  new CodexdError(
    'exec.output-too-large',
    `the output of commands that waits for its answer is larger than ${MAX_KEPT_BYTES} bytes: take it as it comes ` +
      '(a processId and streamStdoutStderr), or set outputBytesCap',
  );

/**
 * Keeps output for the response. `cap` in bytes; null: no cap but the one that all commands share. When that is reached
 * this output is let go; the command runs on, and `finish` throws `exec.output-too-large`.
 */
export function collectedOutput(cap: number | null): Output {
  const limit = createCap(cap);
  const pieces: Buffer[] = [];
  let bytes = 0;
  let tooLarge = false;
  const shared = cap === null || cap > DEFAULT_OUTPUT_CAP_BYTES;
  let ownWords = '';
  const letGo = (): void => {
    pieces.length = 0;
    if (shared) keptBytes -= bytes;
    bytes = 0;
  };
  return {
    push: (piece) => {
      const kept = limit.take(piece);
      if (!kept.length || tooLarge) return undefined;
      pieces.push(kept);
      bytes += kept.length;
      if (shared) keptBytes += kept.length;
      tooLarge = shared && keptBytes > MAX_KEPT_BYTES;
      if (tooLarge) letGo();
      return undefined;
    },
    get full() {
      return tooLarge || limit.reached();
    },
    say: (words) => {
      ownWords += words(limit.midLine());
    },
    finish: () => {
      if (tooLarge) throw outputTooLarge();
      const whole = Buffer.concat(pieces);
      letGo();
      return decodeOutput(whole, limit.reached()) + ownWords;
    },
    discard: letGo,
  };
}

/** Where streamed output is sent. */
export interface OutputReceiver {
  /** Called in order; `capReached` at most once, with the last piece. */
  send(piece: Buffer, capReached: boolean): void;
  /** Resolves when more can be sent. Never rejects. */
  drained(): Promise<void>;
}

/**
 * Waiting output beyond this stops the reading until it is sent: one read of a full pipe, which then goes out as it was
 * read. Joining two before sending halves the throughput.
 */
const HIGH_WATER_BYTES = 64 * 1024;

/**
 * Sends output on as it comes. What arrives within one turn of the event loop, or while the receiver is not drained,
 * goes out as one piece: bulk output in big pieces, a prompt at once.
 */
export function streamedOutput(cap: number | null, receiver: OutputReceiver): Output {
  const limit = createCap(cap);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let sending: Promise<void> | null = null;

  const flush = (): void => {
    const [first, ...rest] = waiting;
    if (!first) return;
    const piece = rest.length ? Buffer.concat(waiting, waitingBytes) : first;
    waiting = [];
    waitingBytes = 0;
    // Nothing is pushed after the cap is reached, so only the last piece says so.
    receiver.send(piece, limit.reached());
  };
  const sendAll = async (): Promise<void> => {
    // After the reads that this turn of the event loop still has in hand.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length) {
      flush();
      await receiver.drained();
    }
    sending = null;
  };

  return {
    push: (piece) => {
      const kept = limit.take(piece);
      waiting.push(kept);
      waitingBytes += kept.length;
      sending ??= sendAll();
      return waitingBytes >= HIGH_WATER_BYTES ? sending : undefined;
    },
    get full() {
      return limit.reached();
    },
    say: (words) => {
      flush();
      receiver.send(Buffer.from(words(limit.midLine())), false);
    },
    finish: () => {
      flush();
      return '';
    },
    discard: () => {},
  };
}

interface Cap {
  /** As much of a piece as the cap allows. */
  take(piece: Buffer): Buffer;
  /** Also when it is exactly filled (docs/protocol/exec.md §4.2). */
  reached(): boolean;
  /** What was taken so far does not end with a line's end. */
  midLine(): boolean;
}

const LINE_FEED = 0x0a;

function createCap(cap: number | null): Cap {
  let left = cap ?? Infinity;
  let reached = false;
  let last = LINE_FEED;
  return {
    take: (piece) => {
      const kept = piece.length <= left ? piece : piece.subarray(0, left);
      left -= kept.length;
      reached = left === 0;
      last = kept.at(-1) ?? last;
      return kept;
    },
    reached: () => reached,
    midLine: () => last !== LINE_FEED,
  };
}
