/**
 * The destinations of a command's output: collected up to a cap, or streamed up to a cap (docs/protocol/exec.md §4).
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { decodeOutput } from './charset.js';

/** Receives the output of one of a command's streams. */
export interface OutputSink {
  /**
   * Takes a piece, which is not empty. A returned promise pauses the reading of this stream until it settles
   * (back-pressure).
   */
  push(piece: Buffer): Promise<void> | undefined;
  /** Receives every piece first, also those beyond the cap. It must not keep a piece unless it copies it. */
  readonly seen?: (piece: Buffer) => void;
  /** The cap is reached: further output is read and dropped, and nobody waits for the end of this stream. */
  readonly full: boolean;
}

/** A sink, with the operations for the end of the command. */
export interface Output extends OutputSink {
  /** Adds a text of codexd, regardless of the cap. `midLine`: the output so far stops in the middle of a line. */
  say(words: (midLine: boolean) => string): void;
  /** Returns the text for the response: all output that was not streamed. Once. Throws `exec.output-too-large`. */
  finish(): string;
  /** Frees the kept output when there will be no response. Has no effect after `finish`. */
  discard(): void;
}

/** Per stream, docs/protocol/exec.md §1. */
export const DEFAULT_OUTPUT_CAP_BYTES = 1024 * 1024;

/**
 * The limit in bytes for the kept output of all outputs without the default cap together. While an answer is written,
 * memory holds it four times, and no client can read an answer larger than this.
 */
export const MAX_KEPT_BYTES = 256 * 1024 * 1024;
let keptBytes = 0;

/** More output than one answer can hold. */
const outputTooLarge = (): CodexdError =>
  new CodexdError(
    'exec.output-too-large',
    `the output of commands that waits for its answer is larger than ${MAX_KEPT_BYTES} bytes: take it as it comes ` +
      '(a processId and streamStdoutStderr), or set outputBytesCap',
  );

/**
 * Keeps output for the response. `cap` in bytes. null: only the limit that all commands share. At that limit, the kept
 * output is freed, the command continues, and `finish` throws `exec.output-too-large`.
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

/** The receiver of streamed output. */
export interface OutputReceiver {
  /** Called in order. `capReached` is true at most once, with the last piece. */
  send(piece: Buffer, capReached: boolean): void;
  /** Resolves when more can be sent. Never rejects. */
  drained(): Promise<void>;
}

/**
 * When more output than this waits, reading stops until it is sent. The value is one read of a full pipe, which is then
 * sent as it was read. Joining two reads before sending halves the throughput.
 */
const HIGH_WATER_BYTES = 64 * 1024;

/**
 * Streams output as it arrives. Output that arrives within one turn of the event loop, or while the receiver is not
 * drained, becomes one piece. So bulk output is sent in large pieces and a prompt is sent at once.
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
    // No output follows after the cap, so only the last piece reports it.
    receiver.send(piece, limit.reached());
  };
  const sendAll = async (): Promise<void> => {
    // After the remaining reads of this turn of the event loop.
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
  /** Returns the part of a piece that the cap allows. */
  take(piece: Buffer): Buffer;
  /** True also when the cap is exactly filled (docs/protocol/exec.md §4.2). */
  reached(): boolean;
  /** The accepted output does not end with a line end. */
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
