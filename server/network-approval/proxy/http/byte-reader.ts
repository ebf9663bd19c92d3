/**
 * Pulls bytes from a client's socket: heads, exact amounts, whatever is there. Buffers little and stops reading the
 * socket when nobody takes, so that a sender that is not served costs no memory.
 */
import type net from 'node:net';

/** Buffered bytes at which the socket is paused. */
const HIGH_WATER = 64 * 1024;
/** Empty lines before a head: old clients send one (RFC 9112 §2.2). */
const MAX_EMPTY_LINES = 8;
const LF = 0x0a;
const CR = 0x0d;

/** Why there is no head: the stream ended before its first byte, or its bytes are not a head. */
export type HeadProblem = 'ended' | 'cut-off' | 'malformed' | 'too-large' | 'timeout';

export class ByteReader {
  /** Called once, when the peer has sent its last byte or is gone; bytes may still be buffered. */
  onEnd: (() => void) | null = null;
  readonly #socket: net.Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', this.feed);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The bytes up to and including the empty line that ends a head; empty lines before it are skipped (RFC 9112 §2.2).
   * A line feed without its carriage return is malformed: one reader in a chain that takes it for a line's end and one
   * that does not see two different requests.
   */
  async head(maxBytes: number, timeoutMs: number): Promise<Buffer | HeadProblem> {
    let scanned = 0;
    let lineStart = 0;
    let emptyLines = 0;
    let timedOut = false;
    let timer: NodeJS.Timeout | undefined;
    try {
      for (;;) {
        for (;;) {
          const lf = this.#buffer.indexOf(LF, scanned);
          if (lf < 0) break;
          if (lf === 0 || this.#buffer[lf - 1] !== CR) return 'malformed';
          const empty = lf === lineStart + 1;
          lineStart = scanned = lf + 1;
          if (!empty) continue;
          const found = this.#take(lineStart);
          if (found.length > 2) return found.length > maxBytes ? 'too-large' : found;
          if (++emptyLines > MAX_EMPTY_LINES) return 'malformed';
          scanned = lineStart = 0;
        }
        scanned = this.#buffer.length;
        if (scanned > maxBytes) return 'too-large';
        if (this.#ended) return scanned === 0 ? 'ended' : 'cut-off';
        if (timedOut) return 'timeout';
        if (scanned > 0) timer ??= setTimeout(() => ((timedOut = true), this.#wake?.()), timeoutMs);
        await this.#more();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next bytes, at most `max`; null when there will be none, or none within the time. */
  async some(max: number, timeoutMs?: number): Promise<Buffer | null> {
    const there = await this.#atLeast(1, timeoutMs);
    return there ? this.#take(Math.min(max, this.#buffer.length)) : null;
  }

  /** Exactly `count` bytes; null when the stream ends before, or they do not come within the time. */
  async exactly(count: number, timeoutMs?: number): Promise<Buffer | null> {
    return (await this.#atLeast(count, timeoutMs)) ? this.#take(count) : null;
  }

  /** A line without its CRLF; null when it has more than `max` octets, ends in a bare line feed, or does not come. */
  async line(max: number): Promise<string | null> {
    for (;;) {
      const lf = this.#buffer.indexOf(LF);
      if (lf > max + 1 || (lf < 0 && this.#buffer.length > max + 1)) return null;
      if (lf >= 0) {
        const line = this.#take(lf + 1);
        return line[lf - 1] === CR ? line.toString('latin1', 0, lf - 1) : null;
      }
      if (this.#ended) return null;
      await this.#more();
    }
  }

  /** Stops reading; the socket is paused and what was buffered is handed over. */
  release(): Buffer {
    this.#socket.off('data', this.feed);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    this.onEnd = null;
    const rest = this.#take(this.#buffer.length);
    this.#socket.pause(); // last: taking may have set it going again
    return rest;
  }

  #take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    if (this.#buffer.length < HIGH_WATER && this.#socket.isPaused()) this.#socket.resume();
    return taken;
  }

  async #atLeast(count: number, timeoutMs?: number): Promise<boolean> {
    if (this.#buffer.length >= count) return true;
    let timedOut = false;
    const late = (): void => {
      timedOut = true;
      this.#wake?.();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
    try {
      while (this.#buffer.length < count) {
        if (this.#ended || timedOut) return false;
        await this.#more();
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  /** Takes what the socket read; also called by who reads the socket in another way than by its events. */
  readonly feed = (chunk: Buffer): void => {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    if (this.#buffer.length >= HIGH_WATER) this.#socket.pause();
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd?.();
    this.#wake?.();
  };
}
