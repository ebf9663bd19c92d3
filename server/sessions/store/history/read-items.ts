/** Reads all items of a history, and its timeline, one after the other. */
import type { ThreadTimelineEntry } from '../../../../schema/protocol/threads/thread-history.js';
import { itemAt, lastOf } from '../../../system/node/lists.js';
import type { TurnEntry } from '../records/turn-record.js';
import type { Reader } from './history-reader.js';
import { addLate, FULL, MESSAGES, readRun, runsOf } from './read-turns.js';
import type { ItemsOptions, PositionedItem } from '../records/thread-store.js';
import { collectItems, turnOf } from './turn-items.js';

export async function* readTurnItems(
  reader: Reader,
  entry: TurnEntry | undefined,
  { backwards = false, messagesOnly = false }: ItemsOptions,
): AsyncGenerator<PositionedItem> {
  if (entry === undefined) return;
  const [items = []] = await readRun(reader, [entry], messagesOnly ? MESSAGES : FULL);
  yield* backwards ? items.toReversed() : items;
}

/** Yields items turn by turn. An item that was written after its turn comes at the place where it was written. */
export async function* readItems(
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
    // Records before the first turn or after the last one are read with that turn.
    const begin = run[0] === all[0] ? -Infinity : itemAt(run, 0).position;
    const end = all[all.indexOf(lastOf(run)) + 1]?.position ?? Infinity;
    const strays = late.filter(({ position }) => position >= begin && position < end);
    const items = strays.length === 0 ? own : [...own, ...strays].sort((a, b) => a.position - b.position);
    yield* backwards ? items.reverse() : items;
  }
}

/** The turns from the one whose range contains a position. */
function since(entries: readonly TurnEntry[], position: number): readonly TurnEntry[] {
  const later = entries.findIndex((entry) => entry.position > position);
  return entries.slice(Math.max(0, (later === -1 ? entries.length : later) - 1));
}

function upTo(entries: readonly TurnEntry[], position: number): readonly TurnEntry[] {
  const later = entries.findIndex((entry) => entry.position > position);
  return later === -1 ? entries : entries.slice(0, later);
}

const withoutLate = (entry: TurnEntry): TurnEntry => (entry.late === null ? entry : { ...entry, late: null });

/**
 * Items outside the range of their turn. They are few: commands that ended after their turn, and items of a turn that
 * begins later or never.
 */
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

export async function* readTimeline(
  reader: Reader,
  entries: readonly TurnEntry[],
  options: ItemsOptions,
): AsyncGenerator<ThreadTimelineEntry> {
  const { backwards = false } = options;
  const marks = entries.flatMap(marksOf).sort(byPosition);
  if (backwards) marks.reverse();
  let next = 0;
  function* before(position: number): Generator<ThreadTimelineEntry> {
    for (let mark = marks[next]; mark !== undefined; mark = marks[++next]) {
      if (backwards ? mark.position <= position : mark.position > position) return;
      yield mark;
    }
  }
  for await (const { turnId, item, position } of readItems(reader, entries, options)) {
    yield* before(position);
    yield { type: 'item', position, turnId, item };
  }
  yield* before(backwards ? -Infinity : Infinity);
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

/** If only its end opened a turn, beginning and end have the same position. */
function byPosition(a: ThreadTimelineEntry, b: ThreadTimelineEntry): number {
  return a.position - b.position || Number(a.type === 'turnCompleted') - Number(b.type === 'turnCompleted');
}
