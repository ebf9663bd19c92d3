/**
 * JSON lines: splits a byte stream into texts (docs/protocol/transport.md §5).
 *
 * Only LF ends a line: U+2028 and a lone CR are text. The reader removes a CR before the LF. It drops a line that is
 * not UTF-8 or is longer than the limit, gives a reason, and continues with the next line. (In the reference, one bad
 * byte ends the connection.)
 */
import { isUtf8 } from 'node:buffer';

/** The reader drops longer lines. A test saw the reference accept 70 MiB; this limit is far above any real message. */
export const MAX_LINE_BYTES = 128 * 1024 * 1024;

export type Line = { readonly text: string } | { readonly dropped: string };

/**
 * Pull, not push: lines that the caller has not requested stay bytes. A paused reader therefore holds no parsed
 * messages.
 */
export interface LineReader {
  push(chunk: Buffer): void;
  /** Returns the next whole line, or undefined when it needs more bytes. */
  next(): Line | undefined;
  /** Call it after the last byte: the remaining bytes without a newline count as a line. */
  end(): void;
}

export function createLineReader(maxBytes = MAX_LINE_BYTES): LineReader {
  let chunk: Buffer = EMPTY;
  let at = 0;
  const waiting: Buffer[] = []; // whole chunks of earlier calls; the last entry is the unread rest of a partial line
  let partial: Buffer[] = []; // pieces of the line that is not complete yet
  let partialBytes = 0;
  let overlong = false;
  let ended = false;

  const keep = (piece: Buffer): void => {
    partialBytes += piece.length;
    if (partialBytes > maxBytes) {
      overlong = true;
      partial = [];
    } else if (piece.length) partial.push(piece);
  };
  const complete = (): Line => {
    const line: Line = overlong ? { dropped: `a line is longer than ${maxBytes} bytes` } : decode(partial);
    partial = [];
    partialBytes = 0;
    overlong = false;
    return line;
  };

  return {
    push(bytes) {
      waiting.push(bytes);
    },
    next() {
      for (;;) {
        if (at >= chunk.length) {
          const following = waiting.shift();
          if (!following) break;
          chunk = following;
          at = 0;
        }
        const newline = chunk.indexOf(LF, at);
        const stop = newline < 0 ? chunk.length : newline;
        keep(chunk.subarray(at, stop));
        at = stop + 1;
        if (newline >= 0) return complete();
      }
      chunk = EMPTY;
      at = 0;
      if (!ended || partialBytes === 0) return undefined;
      return complete();
    },
    end() {
      ended = true;
    },
  };
}

const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);

function decode(pieces: readonly Buffer[]): Line {
  let bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
  // Refuse, do not replace: U+FFFD in the middle of a path would name another path.
  if (!isUtf8(bytes)) return { dropped: 'a line is not UTF-8' };
  return { text: bytes.toString('utf8') };
}
