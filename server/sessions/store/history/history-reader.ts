/** The state that the parts of a history share: its files, its index, and the end of what was read of each file. */
import { osCode } from '../../../errors/os-code.js';
import type { Logger } from '../../../log/log.js';
import { itemAt, lastOf } from '../../../system/node/lists.js';
import type { HistoryIndex } from './history-index.js';
import type { KeptTurns, Place } from '../records/turn-record.js';
import { broken, type Slice } from './lineage.js';
import { openSource, type RecordSource } from '../files/record-source.js';
import type { RolloutLayout } from '../files/rollout-layout.js';
import type { RecordPayload, SessionMeta } from '../records/rollout-record.js';
import { scanLines } from '../files/scan-lines.js';
import { historyModeOf, unreadable } from '../files/session-meta.js';
import { parseRecord, sniffRecord } from '../records/sniff-record.js';

export interface HistoryOptions {
  readonly layout: RolloutLayout;
  readonly log: Logger;
}

/** The state that all handles of one history share. */
export interface Reader extends HistoryOptions {
  readonly slices: readonly Slice[];
  readonly meta: SessionMeta;
  readonly index: HistoryIndex;
  /** For each slice: how far it was read, and the identity of the file. */
  readonly scanned: { offset: number; identity: string; ordinal: number }[];
  /** The running scan, or the last one. */
  scanning: Promise<void>;
}

/** Adds what a slice has since the last time to the index. `kept`: what keeps turns on the way. */
export async function scanSlice(reader: Reader, slice: Slice, kept?: KeptTurns): Promise<void> {
  const { index } = reader;
  const mode = historyModeOf(reader.meta);
  const source = await sourceOf(reader, slice);
  try {
    const size = await source.size();
    if (slice.end !== null && slice.end > size)
      throw broken(slice.fileId ?? slice.threadId, 'the source rollout is too short');
    const to = slice.end ?? size;
    const from = reader.scanned[slice.number]?.offset ?? 0;
    let ordinal = reader.scanned[slice.number]?.ordinal ?? 0;
    kept?.room.expect(to - from);
    const add = (buffer: Buffer, start: number, end: number, offset: number): void => {
      const sniffed = sniffRecord(buffer, start, end);
      const seen = index.add(slice.number, buffer, start, end, offset, sniffed);
      if (seen !== null) ordinal = seen + 1;
      kept?.line(index.open, { mode, slice: slice.number, offset, sniffed, buffer, start, end });
    };
    const { offset, rest } = await scanLines(source, from, to, add);
    let scannedTo = offset;
    // The last line may have no line break (docs/protocol/threads.md §12.2). If it is a complete record, it counts.
    // Otherwise the next scan reads it again.
    if (rest.length > 0 && parseRecord(rest, 0, rest.length) !== null) {
      add(rest, 0, rest.length, offset);
      scannedTo += rest.length;
    }
    reader.scanned[slice.number] = { offset: scannedTo, identity: source.identity, ordinal };
    index.closeRange(slice.number, slice.end ?? scannedTo);
    kept?.closed();
  } finally {
    await source.close();
  }
}

/** Opens a slice's file, also after it was archived, unarchived or decompressed. */
export async function sourceOf({ layout }: Reader, { stored, fileId, threadId }: Slice): Promise<RecordSource> {
  try {
    return await openSource(stored);
  } catch (error) {
    if (osCode(error) !== 'ENOENT') throw error;
    const moved = layout.file(fileId ?? threadId);
    if (moved !== null && moved !== stored) return openSource(moved);
    if (fileId !== null) throw broken(fileId, 'missing source rollout');
    throw unreadable(stored, 'it is gone');
  }
}

export function warnOfGarbage({ index, slices, log }: Reader): void {
  if (index.garbage === 0) return;
  const { stored } = lastOf(slices);
  log.warn(`skipped ${index.garbage} lines of ${stored} that are no records`);
}

export async function payloadAt(reader: Reader, place: Place | null): Promise<RecordPayload | null> {
  if (place === null) return null;
  const source = await sourceOf(reader, itemAt(reader.slices, place.slice));
  try {
    const line = Buffer.allocUnsafe(place.end - place.start);
    for (let filled = 0; filled < line.length;) {
      const bytes = await source.read(line, filled, place.start + filled);
      if (bytes === 0) return null;
      filled += bytes;
    }
    return parseRecord(line, 0, line.length)?.payload ?? null;
  } finally {
    await source.close();
  }
}
