/** Reads a file line by line; the memory it needs does not grow with the file. */
import type { RecordSource } from './record-source.js';

/**
 * Receives the line between `start` and `end` of `buffer`, without its line break, and its position in the file. True
 * stops the scan.
 */
export type OnLine = (buffer: Buffer, start: number, end: number, offset: number) => boolean | void;

export interface ScanResult {
  /** The position for the next scan: after the last complete line. */
  readonly offset: number;
  /** The incomplete last line. Empty if there is none, or if the scan was stopped. */
  readonly rest: Buffer;
}

/** Bytes per read. */
const CHUNK = 1024 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** Reads `source` from byte `from` up to `to`. Lines end with LF or CRLF (docs/protocol/threads.md §12.2). */
export async function scanLines(source: RecordSource, from: number, to: number, onLine: OnLine): Promise<ScanResult> {
  let buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK, to - from)));
  let filled = 0;
  let searched = 0;
  let offset = from;
  while (offset + filled < to) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const wanted = Math.min(buffer.length, to - offset);
    const bytes = await source.read(buffer.subarray(0, wanted), filled, offset + filled);
    if (bytes === 0) break;
    filled += bytes;
    let start = 0;
    for (let end = buffer.indexOf(LF, searched); end !== -1 && end < filled; end = buffer.indexOf(LF, start)) {
      const trimmed = end > start && buffer[end - 1] === CR ? end - 1 : end;
      if (onLine(buffer, start, trimmed, offset + start) === true) return { offset: offset + end + 1, rest: EMPTY };
      start = end + 1;
    }
    if (start > 0) buffer.copyWithin(0, start, filled);
    offset += start;
    filled -= start;
    searched = filled;
  }
  return { offset, rest: filled === 0 ? EMPTY : Buffer.from(buffer.subarray(0, filled)) };
}

const EMPTY = Buffer.alloc(0);
