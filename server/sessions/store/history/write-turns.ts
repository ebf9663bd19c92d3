/** Writes turns with all of their items as JSON, one after the other, for an answer that shows a whole history. */
import { withWrittenList } from '../../../rpc/wire/written-list.js';
import { itemAt } from '../../../system/node/lists.js';
import type { KeptTurns, TurnEntry, WrittenTurns } from '../records/turn-record.js';
import type { Reader } from './history-reader.js';
import { writeTurn } from './kept-turns.js';
import { FULL, readRun, runsOf } from './read-turns.js';
import { turnOf } from './turn-items.js';

/** `kept`: what an earlier pass over the files wrote of these turns. The others are read now. */
export async function writeTurns(
  reader: Reader,
  entries: readonly TurnEntry[],
  kept: KeptTurns,
): Promise<WrittenTurns> {
  const { room, raw } = kept;
  const known = new Map<TurnEntry, Buffer>();
  for (const entry of entries) {
    const element = kept.elementOf(entry);
    if (element !== null) known.set(entry, element);
  }
  for (const run of runsOf(entries.filter((entry) => !known.has(entry)))) {
    for (const [i, list] of (await readRun(reader, run, FULL, raw.parse)).entries()) {
      const entry = itemAt(run, i);
      const items = list.map(({ item }) => item);
      known.set(entry, writeTurn(room, turnOf(entry, items, 'full'), raw));
    }
    raw.forget();
  }
  const elements = entries.flatMap((entry) => known.get(entry) ?? []);
  const positions = new Map(entries.map(({ id }, i) => [id, i]));
  return {
    put(turn) {
      const at = positions.get(turn.id) ?? elements.length;
      elements[at] = writeTurn(room, turn, raw);
      positions.set(turn.id, at);
    },
    into: (result) =>
      withWrittenList(result, { path: ['thread', 'turns'], elements: elements.map((element) => [element]), room }),
  };
}
