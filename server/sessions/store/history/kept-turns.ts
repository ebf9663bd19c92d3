/**
 * Turns with all of their items, written as JSON while the index is built (history-index.ts), for an answer that shows
 * all of them: one pass over the files serves both. A request makes it and lets go of it.
 *
 * What it kept of a turn counts only if the index says afterwards that the turn is the same: a rollback, a later record
 * or an item outside the turn's range makes it worthless, and the turn is read from the files.
 */
import type { Turn } from '../../../../schema/protocol/threads/turn.js';
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import { jsonPiece } from '../../../system/node/json-text.js';
import { createTextRoom, type TextRoom } from '../../../rpc/wire/written-list.js';
import type { HistoryMode } from '../records/rollout-record.js';
import type { KeptTurns, TurnEntry } from '../records/turn-record.js';
import { collectItems, createLineReader, parseItem, turnOf } from './turn-items.js';

export function createKeptTurns(): KeptTurns {
  const room = createTextRoom();
  const kept = new Map<TurnEntry, { readonly end: number; readonly members: string; readonly element: Buffer }>();
  let turn: ReturnType<typeof openTurn> | null = null;

  function closeTurn(): void {
    if (turn === null) return;
    const { entry, list } = turn;
    const members = membersOf(turnOf(entry, [], 'full'));
    const items = list.items().map(({ item }) => item);
    kept.set(entry, { end: entry.end, members, element: writeTurn(room, members, items) });
    turn = null;
  }

  return {
    room,
    line(open, { mode, slice, offset, sniffed, buffer, start, end }) {
      const entry = open?.slice === slice ? open : null;
      if (turn !== null && turn.entry !== entry) closeTurn();
      // A turn is kept from its first line on, or not at all.
      if (entry !== null && entry.start === offset) turn = openTurn(mode, entry);
      if (turn === null) return;
      const found = turn.lines.line(buffer, start, end, sniffed);
      if (found === null || found.turnId !== turn.entry.id) return;
      const item = parseItem(mode, found, buffer, start, end);
      if (item === null) return;
      const { turnId, position } = found;
      turn.list.add(found, { turnId, item, startedAtMs: null, completedAtMs: null, position });
    },
    closed: closeTurn,
    elementOf(entry) {
      const found = kept.get(entry);
      if (found?.end !== entry.end || entry.late !== null) return null;
      return found.members === membersOf(turnOf(entry, [], 'full')) ? found.element : null;
    },
  };
}

const openTurn = (mode: HistoryMode, entry: TurnEntry) => ({
  entry,
  lines: createLineReader(mode, entry),
  list: collectItems(),
});

/** Writes a turn as an element of a list. */
export function writeTurn(room: TextRoom, members: string, items: readonly ThreadItem[]): Buffer {
  const texts = items.map((item, i) => (i > 0 ? `,${jsonPiece(item)}` : jsonPiece(item)));
  return room.write(',{"items":[', ...texts, `],${members.slice(1)}`);
}

/** The members of a turn except its items. */
export function membersOf({ items: _items, ...members }: Turn): string {
  return jsonPiece(members);
}
