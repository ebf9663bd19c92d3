/**
 * Finds the ordinal of the next record of a paginated rollout (docs/protocol/threads.md §12.3). Some programs append
 * records without ordinals: each of them counts as the one after the record before it, as the reader counts them
 * (history/history-index.ts).
 */
import fs from 'node:fs';
import { isKnownKind, sniffRecord } from '../records/sniff-record.js';

const LF = 0x0a;
/** Bytes of the first read from the end. */
const TAIL = 64 * 1024;

/** `size`: the length of the file in bytes. `first`: the ordinal of its first record. */
export function ordinalAfter(fd: number, size: number, first: number): number {
  for (let length = TAIL; ; length *= 4) {
    const from = Math.max(0, size - length);
    const { ordinal, behind } = lastOrdinal(readAt(fd, from, size - from), from === 0);
    if (ordinal !== null) return ordinal + behind + 1;
    if (from === 0) return first + behind;
  }
}

/** Zeros stand for what another program cut off meanwhile. */
function readAt(fd: number, from: number, length: number): Buffer {
  const block = Buffer.alloc(length);
  for (let filled = 0; filled < length;) {
    const bytes = fs.readSync(fd, block, filled, length - filled, from + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return block;
}

interface LastOrdinal {
  readonly ordinal: number | null;
  /** How many records follow the one with the ordinal; without one, how many there are. */
  readonly behind: number;
}

/** `whole`: the block begins with a line. Otherwise its first line may be incomplete, and does not count. */
function lastOrdinal(block: Buffer, whole: boolean): LastOrdinal {
  let behind = 0;
  for (let end = block.length; end > 0;) {
    const start = block.lastIndexOf(LF, end - 1) + 1;
    if (start === 0 && !whole) break;
    const record = sniffRecord(block, start, end);
    if (record !== null && record.ordinal !== null) return { ordinal: record.ordinal, behind };
    if (record !== null && isKnownKind(record.kind)) behind++;
    end = start - 1;
  }
  return { ordinal: null, behind };
}
