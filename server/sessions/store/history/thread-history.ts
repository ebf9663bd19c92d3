/** A thread's history, read from its files through an index of its turns (history-index.ts). */
import { itemAt, lastOf } from '../../../system/node/lists.js';
import { createHistoryIndex } from './history-index.js';
import { payloadAt, scanSlice, warnOfGarbage, type HistoryOptions, type Reader } from './history-reader.js';
import { resolveLineage, type Slice } from './lineage.js';
import { readItems, readTimeline, readTurnItems } from './read-items.js';
import { readModelHistory } from './read-model-history.js';
import { readTurns } from './read-turns.js';
import { type KeptTurns, tokenUsageFromRecord } from '../records/turn-record.js';
import { writeTurns } from './write-turns.js';
import { openSource } from '../files/record-source.js';
import { readFileHead } from '../files/rollout-head.js';
import { historyModeOf } from '../files/session-meta.js';
import { storedSettings } from './stored-settings.js';
import type { ThreadFiles, ThreadHistory } from '../records/thread-store.js';

/** A history with positions in its files, which forks and reverts need. */
export interface IndexedHistory extends ThreadHistory {
  readonly slices: readonly Slice[];
  /**
   * Where a turn begins in its slice, as byte and ordinal; for the index after the last turn, the end of the history.
   */
  startOf(turn: number): { readonly slice: Slice; readonly byte: number; readonly ordinal: number };
  /** A separate handle on the same index; later refreshes do not change it. */
  snapshot(): IndexedHistory;
  /** False if the files were replaced: then the index must be built again. */
  current(): Promise<boolean>;
}

/**
 * Reads the thread's files once. `kept`: what keeps turns on the way. Throws `thread.unreadable`, `thread.lineage` and
 * the file system's errors.
 */
export async function openHistory(
  files: ThreadFiles,
  options: HistoryOptions,
  kept?: KeptTurns,
): Promise<IndexedHistory> {
  const slices = await resolveLineage(options.layout, files.stored);
  const live = lastOf(slices);
  const { meta } = readFileHead(live.stored, { metaOnly: true, whole: true });
  const reader: Reader = {
    slices,
    meta,
    index: createHistoryIndex(historyModeOf(meta)),
    scanned: [],
    scanning: Promise.resolve(),
    ...options,
  };
  for (const slice of slices) await scanSlice(reader, slice, kept);
  warnOfGarbage(reader);
  return handle(reader);
}

function handle(reader: Reader): IndexedHistory {
  const { slices, meta, index } = reader;
  let entries = index.turns;
  let count = entries.length;
  const positions = new Map<string, number>();

  function position(turnId: string): number {
    if (positions.size !== count) {
      positions.clear();
      for (let i = 0; i < count; i++) positions.set(itemAt(entries, i).id, i);
    }
    return positions.get(turnId) ?? -1;
  }

  return {
    meta,
    historyMode: historyModeOf(meta),
    slices,
    get turnCount() {
      return count;
    },
    get recordCount() {
      return itemAt(reader.scanned, lastOf(slices).number).ordinal;
    },
    snapshot: () => handle(reader),
    async current() {
      const slice = lastOf(slices);
      const source = await openSource(slice.stored).catch(() => null);
      if (source === null) return false;
      try {
        const { identity, offset } = itemAt(reader.scanned, slice.number);
        return source.identity === identity && (await source.size()) >= offset;
      } finally {
        await source.close();
      }
    },
    startOf(turn) {
      const entry = turn < count ? entries[turn] : undefined;
      if (entry !== undefined)
        return { slice: itemAt(slices, entry.slice), byte: entry.start, ordinal: entry.position };
      const slice = lastOf(slices);
      const { offset, ordinal } = itemAt(reader.scanned, slice.number);
      return { slice, byte: offset, ordinal };
    },
    async refresh() {
      // Scans run one after the other: two scans at once would both add the same new records.
      const scan = (): Promise<void> => scanSlice(reader, lastOf(slices));
      await (reader.scanning = reader.scanning.then(scan, scan));
      entries = index.turns;
      count = entries.length;
    },
    turns: (from, to, view) => readTurns(reader, entries.slice(Math.max(0, from), Math.min(count, to)), view),
    writtenTurns: (kept, to = count) => writeTurns(reader, entries.slice(0, Math.min(count, to)), kept),
    indexOfTurn: position,
    turnIdAt(i) {
      const id = i < count ? entries[i]?.id : undefined;
      if (id === undefined) throw new RangeError(`there is no turn ${i}`);
      return id;
    },
    positionOfTurn: (i) => entries[i]?.position ?? Infinity,
    items: ({ turnId, ...options } = {}) =>
      turnId === undefined
        ? readItems(reader, entries.slice(0, count), options)
        : readTurnItems(reader, entries[position(turnId)], options),
    timeline: (options = {}) => readTimeline(reader, entries.slice(0, count), options),
    modelHistory(before) {
      const entry = before === undefined || before >= count ? undefined : entries[before];
      return readModelHistory(reader, entry === undefined ? null : { slice: entry.slice, start: entry.start });
    },
    async settings() {
      const [context, applied] = [await payloadAt(reader, index.context), await payloadAt(reader, index.settings)];
      return storedSettings(context, applied);
    },
    leftOut: () => payloadAt(reader, index.leftOut),
    async tokenUsage() {
      const payload = await payloadAt(reader, index.tokenCount);
      return payload === null ? null : tokenUsageFromRecord(payload);
    },
  };
}
