/**
 * The facts in the first records of a rollout: enough for one row of a list (docs/protocol/threads.md §2, §4).
 *
 * Cost: one open, usually one read of 48 KiB and two small parses, about 60 µs per plain file. It is synchronous on
 * purpose, because a list reads thousands of files. A compressed file is decompressed up to its first user message. The
 * head's meta omits the base instructions, which are most of its 20 KB. ThreadHistory.meta includes them.
 */
import fs from 'node:fs';
import { fault } from '../../../errors/fault.js';
import { loadDecompressor } from './record-source.js';
import { COMPRESSED } from './rollout-name.js';
import type { SessionMeta } from '../records/rollout-record.js';
import { checkMeta, historyModeOf, unreadable } from './session-meta.js';
import { parseRecord, sniffRecord } from '../records/sniff-record.js';
import { previewOfEvent, previewOfItem } from './user-preview.js';

export interface FileHead {
  readonly meta: SessionMeta;
  /** The whole first user message as a list shows it (user-preview.ts); null: the file has none. */
  readonly firstUserMessage: string | null;
}

export interface HeadOptions {
  /** Ignores the records from this byte on. */
  readonly before?: number;
  /** Reads no record after the meta. */
  readonly metaOnly?: boolean;
  /**
   * Requires the meta in the first line: a file that begins otherwise can be read, but not continued
   * (docs/protocol/threads.md §12.3).
   */
  readonly first?: boolean;
  /** Includes the base instructions. */
  readonly whole?: boolean;
}

/** Throws `thread.unreadable` if the file has no valid session_meta, and the file system's errors. */
export function readFileHead(stored: string, options: HeadOptions = {}): FileHead {
  const before = options.before ?? Infinity;
  let meta: SessionMeta | null = null;
  let firstUserMessage: string | null = null;
  eachLine(stored, before, (buffer, start, end) => {
    if (meta === null) {
      const line = options.whole === true ? null : withoutInstructions(buffer, start, end);
      const record = line === null ? parseRecord(buffer, start, end) : parseRecord(line, 0, line.length);
      if (record?.type !== 'session_meta') return options.first === true;
      meta = checkMeta(record.payload, stored);
      return options.metaOnly === true;
    }
    const kind = sniffRecord(buffer, start, end);
    const legacy = historyModeOf(meta) === 'legacy';
    const { item } = kind ?? {};
    const speaks = legacy ? kind?.kind === '.user_message' : item?.type === 'UserMessage' && item.threadId === meta.id;
    if (!speaks) return false;
    const payload = parseRecord(buffer, start, end)?.payload;
    if (payload === undefined) return false;
    // A message without content does not count (user-preview.ts).
    firstUserMessage = (legacy ? previewOfEvent(payload) : previewOfItem(payload['item'])) || null;
    return firstUserMessage !== null;
  });
  if (meta === null) throw unreadable(stored, 'there is no session_meta');
  return { meta, firstUserMessage };
}

const INSTRUCTIONS = Buffer.from('"base_instructions":{"text":"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The line without the text of its base instructions; null if the line does not have them in the usual form. The
 * searched bytes cannot occur inside a JSON string, because its quotes would be escaped.
 */
function withoutInstructions(buffer: Buffer, start: number, end: number): Buffer | null {
  const found = buffer.indexOf(INSTRUCTIONS, start);
  if (found === -1 || found >= end) return null;
  const from = found + INSTRUCTIONS.length;
  let to = buffer.indexOf(QUOTE, from);
  while (to !== -1 && isEscaped(buffer, from, to)) to = buffer.indexOf(QUOTE, to + 1);
  if (to === -1 || to >= end) return null;
  return Buffer.concat([buffer.subarray(start, from), buffer.subarray(to, end)]);
}

function isEscaped(buffer: Buffer, from: number, quote: number): boolean {
  let backslashes = 0;
  while (quote - 1 - backslashes >= from && buffer[quote - 1 - backslashes] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

type EachLine = (buffer: Buffer, start: number, end: number) => boolean;

/** Bytes of the first read; most heads are shorter. */
const FIRST_READ = 48 * 1024;
const LF = 0x0a;
/** All heads share one buffer: they are read synchronously, one at a time. */
let shared: Buffer | null = null;

function eachLine(stored: string, before: number, onLine: EachLine): void {
  if (stored.endsWith(COMPRESSED)) return eachLineCompressed(stored, before, onLine);
  const fd = fs.openSync(stored, 'r');
  let buffer = (shared ??= Buffer.allocUnsafeSlow(FIRST_READ));
  try {
    let filled = 0;
    let offset = 0;
    for (;;) {
      if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 4);
      const wanted = Math.min(buffer.length - filled, before - offset - filled);
      const bytes = wanted <= 0 ? 0 : fs.readSync(fd, buffer, filled, wanted, offset + filled);
      filled += bytes;
      const consumed = lines(buffer, filled, bytes === 0, onLine);
      if (consumed === -1 || bytes === 0) return;
      buffer.copyWithin(0, consumed, filled);
      offset += consumed;
      filled -= consumed;
    }
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Passes each complete line to `onLine`. Returns the number of bytes in those lines, or -1 if `onLine` stopped the
 * scan.
 */
function lines(buffer: Buffer, filled: number, atEnd: boolean, onLine: EachLine): number {
  let start = 0;
  for (;;) {
    let end = buffer.indexOf(LF, start);
    if (end === -1 || end >= filled) {
      if (!atEnd || start >= filled) return start;
      end = filled;
    }
    if (onLine(buffer, start, end)) return -1;
    start = end + 1;
    if (start >= filled) return Math.min(start, filled);
  }
}

function eachLineCompressed(stored: string, before: number, onLine: EachLine): void {
  const bytes = unpack(fs.readFileSync(stored), stored);
  lines(bytes, Math.min(bytes.length, before), true, onLine);
}

/** A head is read synchronously, so the decompressor must be loaded before. */
let unpack: (bytes: Buffer, stored: string) => Buffer = () => {
  throw fault('compressed rollouts cannot be read yet: loadUnpacker() was not awaited');
};

/** Loads the decompressor. Await it before the first head of a `.zst` file is read. */
export async function loadUnpacker(): Promise<void> {
  unpack = await loadDecompressor();
}
