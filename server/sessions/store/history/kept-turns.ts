/**
 * Turns with all of their items, written as JSON while the index is built (history-index.ts), for an answer that shows
 * all of them: one pass over the files serves both. A request makes it and lets go of it.
 *
 * What it kept of a turn counts only if the index says afterwards that the turn is the same: a rollback, a later record
 * or an item outside the turn's range makes it worthless, and the turn is read from the files.
 */
import type { Turn } from '../../../../schema/protocol/threads/turn.js';
import { jsonPiece } from '../../../system/node/json-text.js';
import { createTextRoom, type TextRoom } from '../../../rpc/wire/written-list.js';
import type { HistoryMode } from '../records/rollout-record.js';
import { createRawTexts, type RawTexts } from '../records/raw-texts.js';
import type { KeptTurns, TurnEntry } from '../records/turn-record.js';
import { collectItems, createLineReader, foundItem, turnOf } from './turn-items.js';

export function createKeptTurns(): KeptTurns {
  const room = createTextRoom();
  const raw = createRawTexts();
  const kept = new Map<TurnEntry, { readonly as: TurnEntry; readonly element: Buffer }>();
  let turn: ReturnType<typeof openTurn> | null = null;

  function closeTurn(): void {
    if (turn === null) return;
    const { entry, list } = turn;
    const items = list.items().map(({ item }) => item);
    kept.set(entry, { as: { ...entry }, element: writeTurn(room, turnOf(entry, items, 'full'), raw) });
    raw.forget();
    turn = null;
  }

  return {
    room,
    raw,
    line(open, { mode, slice, offset, sniffed, buffer, start, end }) {
      const entry = open?.slice === slice ? open : null;
      if (turn !== null && turn.entry !== entry) closeTurn();
      // A turn is kept from its first line on, or not at all.
      if (entry !== null && entry.start === offset) turn = openTurn(mode, entry);
      if (turn === null) return;
      const found = sniffed === null ? null : turn.lines.line(buffer, start, end, sniffed);
      if (sniffed === null || found === null || found.turnId !== turn.entry.id) return;
      const item = foundItem(mode, found, raw.parse(buffer, start, end, sniffed));
      if (item === null) return;
      const { turnId, position } = found;
      turn.list.add(found, { turnId, item, startedAtMs: null, completedAtMs: null, position });
    },
    closed: closeTurn,
    elementOf(entry) {
      const found = kept.get(entry);
      if (found?.as.end !== entry.end || entry.late !== null) return null;
      return DECISIVE.every((member) => found.as[member] === entry[member]) ? found.element : null;
    },
  };
}

const openTurn = (mode: HistoryMode, entry: TurnEntry) => ({
  entry,
  lines: createLineReader(mode, entry),
  list: collectItems(),
});

/** Members of the index that a turn in an answer shows, and that a later record may change. */
const DECISIVE = ['rootTurnId', 'status', 'error', 'startedAt', 'completedAt', 'durationMs'] as const;

/** Writes a turn as an element of a list. `raw`: has the texts whose names are in the items. */
export function writeTurn(room: TextRoom, { items, ...members }: Turn, raw: RawTexts): Buffer {
  return room.write(',', ...raw.pieces(jsonPiece({ items, ...members })));
}
