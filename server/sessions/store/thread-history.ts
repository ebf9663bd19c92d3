/** A thread's past, read from its files through an index of its turns (history-index.ts). */
import type { ThreadItem } from '../../../schema/item.js';
import type { ThreadTimelineEntry } from '../../../schema/thread-history.js';
import type { Turn, TurnItemsView } from '../../../schema/turn.js';
import type { Logger } from '../../log.js';
import { createHistoryIndex, type HistoryIndex, type Place, type TurnEntry } from './history-index.js';
import { broken, resolveLineage, type Slice } from './lineage.js';
import { createModelHistory } from './model-history.js';
import { openSource, type RecordSource } from './record-source.js';
import { readFileHead } from './rollout-head.js';
import type { RolloutLayout } from './rollout-layout.js';
import type { RecordPayload, SessionMeta } from './rollout-record.js';
import { scanLines } from './scan-lines.js';
import { historyModeOf, unreadable } from './session-meta.js';
import { parseRecord, sniffRecord } from './sniff-record.js';
import { storedSettings } from './stored-settings.js';
import type { ItemsOptions, PositionedItem, ThreadFiles, ThreadHistory } from './thread-store.js';
import { collectItems, createLineReader, itemOf, parseItem, type FoundItem } from './turn-items.js';
import { tokenUsageFromRecord } from './turn-record.js';

export interface HistoryOptions {
  readonly layout: RolloutLayout;
  readonly log: Logger;
}

/** A history that knows its place: what forks and reverts need of it beside what everybody reads. */
export interface IndexedHistory extends ThreadHistory {
  readonly slices: readonly Slice[];
  /** Where a turn begins in its slice: byte and ordinal; past the last turn, where the history ends. */
  startOf(turn: number): { readonly slice: Slice; readonly byte: number; readonly ordinal: number };
  /** A handle of its own on the same index, which later refreshes do not move. */
  snapshot(): IndexedHistory;
  /** False when the files are others now: the index must be made anew. */
  current(): Promise<boolean>;
}

/** Reads the thread's files once. Throws StoreError (`unreadable`, `lineage`) and the file system's errors. */
export async function openHistory(files: ThreadFiles, options: HistoryOptions): Promise<IndexedHistory> {
  const slices = await resolveLineage(options.layout, files.stored);
  const live = slices.at(-1) as Slice;
  const { meta } = readFileHead(live.stored, { metaOnly: true, whole: true });
  const reader: Reader = {
    slices,
    meta,
    index: createHistoryIndex(historyModeOf(meta)),
    scanned: [],
    scanning: Promise.resolve(),
    ...options,
  };
  for (const slice of slices) await scanSlice(reader, slice);
  warnOfGarbage(reader);
  return handle(reader);
}

/** What the handles of one history share. */
interface Reader extends HistoryOptions {
  readonly slices: readonly Slice[];
  readonly meta: SessionMeta;
  readonly index: HistoryIndex;
  /** How far each slice was read, and of which file. */
  readonly scanned: { offset: number; identity: string; ordinal: number }[];
  /** The scan that runs, or the last one. */
  scanning: Promise<void>;
}

async function scanSlice(reader: Reader, slice: Slice): Promise<void> {
  const { index } = reader;
  const source = await sourceOf(reader, slice);
  try {
    const size = await source.size();
    if (slice.end !== null && slice.end > size)
      throw broken(slice.fileId ?? slice.threadId, 'the source rollout is too short');
    const to = slice.end ?? size;
    const from = reader.scanned[slice.number]?.offset ?? 0;
    let ordinal = reader.scanned[slice.number]?.ordinal ?? 0;
    const add = (buffer: Buffer, start: number, end: number, offset: number): void => {
      const seen = index.add(slice.number, buffer, start, end, offset);
      if (seen !== null) ordinal = seen + 1;
    };
    const { offset, rest } = await scanLines(source, from, to, add);
    let scannedTo = offset;
    // The last line may lack its end (§12.2): whole, it counts; cut off, it waits for the rest, or is skipped.
    if (rest.length > 0 && parseRecord(rest, 0, rest.length) !== null) {
      add(rest, 0, rest.length, offset);
      scannedTo += rest.length;
    }
    reader.scanned[slice.number] = { offset: scannedTo, identity: source.identity, ordinal };
    index.closeRange(slice.number, slice.end ?? scannedTo);
  } finally {
    await source.close();
  }
}

/** Opens a slice's file, also where it has been moved to since (archived, or made plain). */
async function sourceOf({ layout }: Reader, { stored, fileId, threadId }: Slice): Promise<RecordSource> {
  try {
    return await openSource(stored);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const moved = layout.file(fileId ?? threadId);
    if (moved !== null && moved !== stored) return openSource(moved);
    if (fileId !== null) throw broken(fileId, 'missing source rollout');
    throw unreadable(stored, 'it is gone');
  }
}

function warnOfGarbage({ index, slices, log }: Reader): void {
  if (index.garbage === 0) return;
  const { stored } = slices.at(-1) as Slice;
  log.warn(`skipped ${index.garbage} lines of ${stored} that are no records`);
}

function handle(reader: Reader): IndexedHistory {
  const { slices, meta, index } = reader;
  let entries = index.turns;
  let count = entries.length;
  const positions = new Map<string, number>();

  function position(turnId: string): number {
    if (positions.size !== count) {
      positions.clear();
      for (let i = 0; i < count; i++) positions.set((entries[i] as TurnEntry).id, i);
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
    snapshot: () => handle(reader),
    async current() {
      const slice = slices.at(-1) as Slice;
      const source = await openSource(slice.stored).catch(() => null);
      if (source === null) return false;
      try {
        const { identity, offset } = reader.scanned[slice.number] as Reader['scanned'][number];
        return source.identity === identity && (await source.size()) >= offset;
      } finally {
        await source.close();
      }
    },
    startOf(turn) {
      const entry = turn < count ? entries[turn] : undefined;
      if (entry !== undefined)
        return { slice: slices[entry.slice] as Slice, byte: entry.start, ordinal: entry.position };
      const slice = slices.at(-1) as Slice;
      const { offset, ordinal } = reader.scanned[slice.number] as Reader['scanned'][number];
      return { slice, byte: offset, ordinal };
    },
    async refresh() {
      // One after the other: two scans at once would both find the same new records.
      const scan = (): Promise<void> => scanSlice(reader, slices.at(-1) as Slice);
      await (reader.scanning = reader.scanning.then(scan, scan));
      entries = index.turns;
      count = entries.length;
    },
    turns: (from, to, view) => readTurns(reader, entries.slice(Math.max(0, from), Math.min(count, to)), view),
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
    async tokenUsage() {
      const payload = await payloadAt(reader, index.tokenCount);
      return payload === null ? null : tokenUsageFromRecord(payload);
    },
  };
}

// ---- turns ----

async function readTurns(reader: Reader, entries: readonly TurnEntry[], view: TurnItemsView): Promise<Turn[]> {
  if (view === 'notLoaded') return entries.map((entry) => turnOf(entry, [], view));
  const turns: Turn[] = [];
  for (const run of runsOf(entries)) {
    const collected = await readRun(reader, run, view === 'summary' ? MESSAGES : FULL);
    for (const [i, entry] of run.entries()) {
      const items = (collected[i] as PositionedItem[]).map(({ item }) => item);
      turns.push(turnOf(entry, view === 'summary' ? summaryOf(items) : items, view));
    }
  }
  return turns;
}

export function summaryOf(items: readonly ThreadItem[]): ThreadItem[] {
  const first = items.find(({ type }) => type === 'userMessage');
  const last = items.findLast(({ type }) => type === 'agentMessage');
  return [...(first === undefined ? [] : [first]), ...(last === undefined ? [] : [last])];
}

function turnOf(entry: TurnEntry, items: ThreadItem[], itemsView: TurnItemsView): Turn {
  return {
    id: entry.id,
    rootTurnId: entry.rootTurnId,
    items,
    itemsView,
    // Nobody wrote its end: whoever ran it is gone. (A turn that runs is put in its place by who knows of it.)
    status: entry.status === 'inProgress' ? 'interrupted' : entry.status,
    error: entry.error,
    startedAt: entry.startedAt,
    completedAt: entry.completedAt,
    durationMs: entry.durationMs,
  };
}

type Wanted = (found: FoundItem) => boolean;
const FULL: Wanted = () => true;
const MESSAGES: Wanted = ({ kind }) => kind !== 'other';

/** The most bytes that are read as one stretch. */
const RUN_BYTES = 1024 * 1024;

/** Neighbours in one file, so that they are read together. */
function* runsOf(entries: readonly TurnEntry[]): Generator<TurnEntry[]> {
  let run: TurnEntry[] = [];
  for (const entry of entries) {
    const last = run.at(-1);
    const first = run[0];
    const fits =
      last !== undefined &&
      first !== undefined &&
      last.slice === entry.slice &&
      last.end === entry.start &&
      entry.end - first.start <= RUN_BYTES;
    if (last !== undefined && !fits) {
      yield run;
      run = [];
    }
    run.push(entry);
  }
  if (run.length > 0) yield run;
}

/** The items of each turn of a run, in order of time. */
async function readRun(reader: Reader, run: readonly TurnEntry[], wanted: Wanted): Promise<PositionedItem[][]> {
  const lists = run.map(() => collectItems());
  const { historyMode, source } = await openRun(reader, run);
  try {
    await scanRun(reader, run, source, (i, found, buffer, start, end) => {
      const entry = run[i] as TurnEntry;
      if (found.turnId !== entry.id || !wanted(found)) return;
      const item = parseItem(historyMode, found, buffer, start, end);
      if (item !== null) lists[i]?.add(found, positioned(found, item));
    });
  } finally {
    await source.close();
  }
  for (const [i, { late }] of run.entries()) {
    if (late !== null) for (const place of late) await addLate(reader, (run[i] as TurnEntry).id, place, lists[i]);
  }
  return lists.map((list) => list.items());
}

async function addLate(
  reader: Reader,
  turnId: string,
  place: Place,
  list: ReturnType<typeof collectItems> | undefined,
): Promise<void> {
  const payload = await payloadAt(reader, place);
  const item = payload === null ? null : itemOf(historyModeOf(reader.meta), payload, `item-${place.number}`);
  if (item === null) return;
  const found: FoundItem = { turnId, position: place.position, kind: 'other', joins: false, id: item.id };
  list?.add(found, positioned(found, item));
}

async function openRun(reader: Reader, run: readonly TurnEntry[]) {
  const slice = reader.slices[(run[0] as TurnEntry).slice] as Slice;
  return { historyMode: historyModeOf(reader.meta), source: await sourceOf(reader, slice) };
}

/** Calls back with every item line of a run, and the index of the turn in whose range it stands. */
async function scanRun(
  reader: Reader,
  run: readonly TurnEntry[],
  source: RecordSource,
  each: (i: number, found: FoundItem, buffer: Buffer, start: number, end: number) => void,
): Promise<void> {
  const mode = historyModeOf(reader.meta);
  let i = 0;
  let lines = createLineReader(mode, run[0] as TurnEntry);
  const last = run.at(-1) as TurnEntry;
  const onLine = (buffer: Buffer, start: number, end: number, offset: number): void => {
    while (i + 1 < run.length && offset >= (run[i + 1] as TurnEntry).start) {
      i++;
      lines = createLineReader(mode, run[i] as TurnEntry);
    }
    const found = lines.line(buffer, start, end);
    if (found !== null) each(i, found, buffer, start, end);
  };
  const { offset, rest } = await scanLines(source, (run[0] as TurnEntry).start, last.end, onLine);
  if (rest.length > 0) onLine(rest, 0, rest.length, offset);
}

function positioned(found: FoundItem, item: ThreadItem): PositionedItem {
  const { startedAtMs = null, completedAtMs = null } = item;
  return { turnId: found.turnId, item, startedAtMs, completedAtMs, position: found.position };
}

// ---- items ----

async function* readTurnItems(
  reader: Reader,
  entry: TurnEntry | undefined,
  { backwards = false, messagesOnly = false }: ItemsOptions,
): AsyncGenerator<PositionedItem> {
  if (entry === undefined) return;
  const [items = []] = await readRun(reader, [entry], messagesOnly ? MESSAGES : FULL);
  yield* backwards ? items.toReversed() : items;
}

/** Turn by turn; what belongs to a turn and came later stands where it came. */
async function* readItems(
  reader: Reader,
  all: readonly TurnEntry[],
  { backwards = false, messagesOnly = false, from }: ItemsOptions,
): AsyncGenerator<PositionedItem> {
  const entries = from === undefined ? all : backwards ? upTo(all, from) : since(all, from);
  let late = await lateItems(reader, all);
  if (messagesOnly) late = late.filter(({ item }) => item.type === 'userMessage' || item.type === 'agentMessage');
  const runs = [...runsOf(entries)];
  if (runs.length === 0) yield* backwards ? late.reverse() : late;
  for (const run of backwards ? runs.reverse() : runs) {
    const own = (await readRun(reader, run.map(withoutLate), messagesOnly ? MESSAGES : FULL)).flat();
    // What came before the first turn or after the last one goes with that one.
    const begin = run[0] === all[0] ? -Infinity : (run[0] as TurnEntry).position;
    const end = all[all.indexOf(run.at(-1) as TurnEntry) + 1]?.position ?? Infinity;
    const strays = late.filter(({ position }) => position >= begin && position < end);
    const items = strays.length === 0 ? own : [...own, ...strays].sort((a, b) => a.position - b.position);
    yield* backwards ? items.reverse() : items;
  }
}

/** From the turn on in whose range a position lies. */
function since(entries: readonly TurnEntry[], position: number): readonly TurnEntry[] {
  const later = entries.findIndex((entry) => entry.position > position);
  return entries.slice(Math.max(0, (later === -1 ? entries.length : later) - 1));
}

function upTo(entries: readonly TurnEntry[], position: number): readonly TurnEntry[] {
  const later = entries.findIndex((entry) => entry.position > position);
  return later === -1 ? entries : entries.slice(0, later);
}

const withoutLate = (entry: TurnEntry): TurnEntry => (entry.late === null ? entry : { ...entry, late: null });

/** Few: commands that ended after their turn, what was said of a turn before it began, or of one that never began. */
async function lateItems(reader: Reader, entries: readonly TurnEntry[]): Promise<PositionedItem[]> {
  const items: PositionedItem[] = [];
  const late = entries.flatMap(({ id, late: places }) => (places === null ? [] : [{ id, places }]));
  const unowned = [...reader.index.orphans].map(([id, places]) => ({ id, places }));
  for (const { id, places } of [...late, ...unowned]) {
    const list = collectItems();
    for (const place of places) await addLate(reader, id, place, list);
    items.push(...list.items());
  }
  return items.sort((a, b) => a.position - b.position);
}

async function* readTimeline(
  reader: Reader,
  entries: readonly TurnEntry[],
  options: ItemsOptions,
): AsyncGenerator<ThreadTimelineEntry> {
  const { backwards = false } = options;
  const marks = entries.flatMap(marksOf).sort(byPosition);
  if (backwards) marks.reverse();
  let next = 0;
  const due = (position: number): boolean => {
    const mark = marks[next];
    return mark !== undefined && (backwards ? mark.position > position : mark.position <= position);
  };
  for await (const { turnId, item, position } of readItems(reader, entries, options)) {
    while (due(position)) yield marks[next++] as ThreadTimelineEntry;
    yield { type: 'item', position, turnId, item };
  }
  while (next < marks.length) yield marks[next++] as ThreadTimelineEntry;
}

function marksOf(entry: TurnEntry): ThreadTimelineEntry[] {
  const { id: turnId, position, startedAt, endPosition, error, completedAt, durationMs } = entry;
  const started: ThreadTimelineEntry = { type: 'turnStarted', position, turnId, startedAt };
  if (endPosition === null) return [started];
  const { status } = turnOf(entry, [], 'notLoaded');
  const completed: ThreadTimelineEntry = {
    type: 'turnCompleted',
    position: endPosition,
    turnId,
    status,
    error,
    startedAt,
    completedAt,
    durationMs,
  };
  return [started, completed];
}

/** A turn that was opened by its end begins and ends at one position. */
function byPosition(a: ThreadTimelineEntry, b: ThreadTimelineEntry): number {
  return a.position - b.position || Number(a.type === 'turnCompleted') - Number(b.type === 'turnCompleted');
}

// ---- the model's view, settings ----

async function payloadAt(reader: Reader, place: Place | null): Promise<RecordPayload | null> {
  if (place === null) return null;
  const source = await sourceOf(reader, reader.slices[place.slice] as Slice);
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

const HISTORY_KINDS: ReadonlySet<string> = new Set(['response_item', 'compacted', '.thread_rolled_back']);

/** `until`: what stands from there on does not count. */
async function readModelHistory(reader: Reader, until: Pick<Place, 'slice' | 'start'> | null) {
  const { index, slices } = reader;
  const history = createModelHistory();
  const from = index.rolledBack ? null : await lastReplacement(reader, until);
  const opened = new Map(index.allOpened().map((entry) => [`${entry.slice}:${entry.start}`, entry.explicit]));
  for (const slice of slices) {
    if (from !== null && slice.number < from.slice) continue;
    if (until !== null && slice.number > until.slice) break;
    const source = await sourceOf(reader, slice);
    try {
      const start = from !== null && slice.number === from.slice ? from.start : 0;
      const onLine = (buffer: Buffer, lineStart: number, lineEnd: number, offset: number): void => {
        const explicit = opened.get(`${slice.number}:${offset}`);
        if (explicit !== undefined) history.turnOpened(!explicit);
        const kind = sniffRecord(buffer, lineStart, lineEnd)?.kind;
        if (kind === undefined || !HISTORY_KINDS.has(kind)) return;
        const payload = parseRecord(buffer, lineStart, lineEnd)?.payload;
        if (payload === undefined) return;
        if (kind === 'response_item') history.responseItem(payload);
        else if (kind === 'compacted') history.compacted(payload);
        else history.rolledBack(Number(payload['num_turns'] ?? 0));
      };
      const whole = slice.end ?? (reader.scanned[slice.number]?.offset as number);
      const end = until?.slice === slice.number ? until.start : whole;
      const { offset, rest } = await scanLines(source, start, end, onLine);
      if (rest.length > 0) onLine(rest, 0, rest.length, offset);
    } finally {
      await source.close();
    }
  }
  return history.result();
}

/** The newest record that carries the whole of what the model is sent: nothing before it is read. */
async function lastReplacement(reader: Reader, until: Pick<Place, 'slice' | 'start'> | null): Promise<Place | null> {
  for (const place of reader.index.compactions.toReversed()) {
    if (until !== null && (place.slice > until.slice || (place.slice === until.slice && place.start >= until.start)))
      continue;
    const payload = await payloadAt(reader, place);
    if (Array.isArray(payload?.['replacement_history'])) return place;
  }
  return null;
}
