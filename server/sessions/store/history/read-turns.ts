/** Reads turns and their items from their ranges in the files. */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { Turn, TurnItemsView } from '../../../../schema/protocol/threads/turn.js';
import { itemAt, lastOf } from '../../../system/node/lists.js';
import type { Place, TurnEntry } from '../records/turn-record.js';
import { payloadAt, sourceOf, type Reader } from './history-reader.js';
import type { RecordSource } from '../files/record-source.js';
import { scanLines } from '../files/scan-lines.js';
import { historyModeOf } from '../files/session-meta.js';
import type { RawTexts } from '../records/raw-texts.js';
import { parseRecord, sniffRecord, type SniffedRecord } from '../records/sniff-record.js';
import type { PositionedItem } from '../records/thread-store.js';
import { collectItems, createLineReader, foundItem, itemOf, type FoundItem, turnOf } from './turn-items.js';

export async function readTurns(reader: Reader, entries: readonly TurnEntry[], view: TurnItemsView): Promise<Turn[]> {
  if (view === 'notLoaded') return entries.map((entry) => turnOf(entry, [], view));
  const turns: Turn[] = [];
  for (const run of runsOf(entries)) {
    const collected = await readRun(reader, run, view === 'summary' ? MESSAGES : FULL);
    for (const [i, entry] of run.entries()) {
      const items = itemAt(collected, i).map(({ item }) => item);
      turns.push(turnOf(entry, view === 'summary' ? summaryOf(items) : items, view));
    }
  }
  return turns;
}

function summaryOf(items: readonly ThreadItem[]): ThreadItem[] {
  const first = items.find(({ type }) => type === 'userMessage');
  const last = items.findLast(({ type }) => type === 'agentMessage');
  return [...(first === undefined ? [] : [first]), ...(last === undefined ? [] : [last])];
}

export type Wanted = (found: FoundItem) => boolean;
export const FULL: Wanted = () => true;
export const MESSAGES: Wanted = ({ kind }) => kind !== 'other';

/** The most bytes that one read covers. */
const RUN_BYTES = 1024 * 1024;

/** Groups neighbouring turns of one file, so that one read covers them. */
export function* runsOf(entries: readonly TurnEntry[]): Generator<TurnEntry[]> {
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

/** Parses the record in a line; null: it is damaged. */
export type ParseLine = RawTexts['parse'];

interface SniffedLine {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly sniffed: SniffedRecord;
}

/** The items of each turn of a run, in order of time. */
export async function readRun(
  reader: Reader,
  run: readonly TurnEntry[],
  wanted: Wanted,
  parse: ParseLine = parseRecord,
): Promise<PositionedItem[][]> {
  const lists = run.map(() => collectItems());
  const { historyMode, source } = await openRun(reader, run);
  try {
    await scanRun(reader, run, source, (i, found, { buffer, start, end, sniffed }) => {
      const entry = itemAt(run, i);
      if (found.turnId !== entry.id || !wanted(found)) return;
      const item = foundItem(historyMode, found, parse(buffer, start, end, sniffed));
      if (item !== null) lists[i]?.add(found, positioned(found, item));
    });
  } finally {
    await source.close();
  }
  for (const [i, { late }] of run.entries()) {
    if (late !== null) for (const place of late) await addLate(reader, itemAt(run, i).id, place, lists[i]);
  }
  return lists.map((list) => list.items());
}

export async function addLate(
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
  const slice = itemAt(reader.slices, itemAt(run, 0).slice);
  return { historyMode: historyModeOf(reader.meta), source: await sourceOf(reader, slice) };
}

/** Calls back for every item line of a run, with the index of the turn whose range contains the line. */
async function scanRun(
  reader: Reader,
  run: readonly TurnEntry[],
  source: RecordSource,
  each: (i: number, found: FoundItem, line: SniffedLine) => void,
): Promise<void> {
  const mode = historyModeOf(reader.meta);
  let i = 0;
  let lines = createLineReader(mode, itemAt(run, 0));
  const last = lastOf(run);
  const onLine = (buffer: Buffer, start: number, end: number, offset: number): void => {
    while (i + 1 < run.length && offset >= itemAt(run, i + 1).start) {
      i++;
      lines = createLineReader(mode, itemAt(run, i));
    }
    const sniffed = sniffRecord(buffer, start, end);
    const found = sniffed === null ? null : lines.line(buffer, start, end, sniffed);
    if (sniffed !== null && found !== null) each(i, found, { buffer, start, end, sniffed });
  };
  const { offset, rest } = await scanLines(source, itemAt(run, 0).start, last.end, onLine);
  if (rest.length > 0) onLine(rest, 0, rest.length, offset);
}

function positioned(found: FoundItem, item: ThreadItem): PositionedItem {
  const { startedAtMs = null, completedAtMs = null } = item;
  return { turnId: found.turnId, item, startedAtMs, completedAtMs, position: found.position };
}
