/** The items in a range of a rollout (history-index.ts divides the rollout into turns). */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { Turn, TurnItemsView } from '../../../../schema/protocol/threads/turn.js';
import { itemAt } from '../../../system/node/lists.js';
import { integerOrNull, type TurnEntry } from '../records/turn-record.js';
import { itemFromRecord } from '../records/item-from-record.js';
import { itemOfEvent, LEGACY_ROLES } from '../records/legacy-event.js';
import type { HistoryMode, RecordPayload, RolloutRecord } from '../records/rollout-record.js';
import { isKnownKind, parseRecord, TEXT_EVENTS, type SniffedRecord } from '../records/sniff-record.js';
import type { PositionedItem } from '../records/thread-store.js';

/** A line that is an item, before it is parsed. */
export interface FoundItem {
  readonly turnId: string;
  readonly position: number;
  readonly kind: 'user' | 'agent' | 'other';
  /** Legacy: the item is added to the reasoning before it. */
  readonly joins: boolean;
  /** A synthetic id for events that have none. */
  readonly id: string;
}

export interface LineReader {
  /** Classifies a line in the range of `entry`; null: the line is not an item. `sniffed`: what is known of it. */
  line(buffer: Buffer, start: number, end: number, sniffed: SniffedRecord): FoundItem | null;
}

/** Reads the lines of one turn's range, beginning with its first line. */
export function createLineReader(mode: HistoryMode, entry: TurnEntry): LineReader {
  let next = entry.position;
  let number = entry.firstItem;
  let reasoning = false;
  return {
    line(buffer, start, end, sniffed) {
      const known = isKnownKind(sniffed.kind);
      const position = sniffed.ordinal ?? next;
      if (known || sniffed.ordinal !== null) next = position + 1;
      if (!known) return null;
      const { kind, item } = sniffed;
      if (kind === '.item_completed') {
        if (item === null) return null;
        if (mode === 'paginated') {
          return { turnId: item.turnId, position, kind: kindOf(item.type), joins: false, id: item.id };
        }
        if (item.type !== 'Plan') return null;
        reasoning = false;
        return { turnId: entry.id, position, kind: 'other', joins: false, id: item.id };
      }
      if (mode === 'paginated') return null;
      const role = LEGACY_ROLES[kind];
      if (role === undefined || (TEXT_EVENTS.has(kind) && sniffed.empty)) return null;
      const joins = role === 'reasoning' && reasoning;
      let turnId = entry.id;
      let numbered = role === 'numbered' || (role === 'reasoning' && !joins);
      if (kind === '.entered_review_mode' || kind === '.exited_review_mode') {
        const payload = parseRecord(buffer, start, end)?.payload ?? {};
        if (typeof payload['turn_id'] === 'string') turnId = payload['turn_id'];
        numbered = typeof payload['item_id'] !== 'string' && turnId === entry.id;
      }
      if (turnId === entry.id) reasoning = role === 'reasoning';
      if (numbered) number++;
      return { turnId, position, kind: kindOf(kind), joins, id: `item-${number}` };
    },
  };
}

/** Makes the item of a found line; `record` is null if the line is damaged. Null: the item's type is unknown. */
export function foundItem(mode: HistoryMode, found: FoundItem, record: RolloutRecord | null): ThreadItem | null {
  return record === null ? null : itemOf(mode, record.payload, found.id);
}

/** The item that an event represents. */
export function itemOf(mode: HistoryMode, payload: RecordPayload, id: string): ThreadItem | null {
  if (payload['type'] !== 'item_completed') return mode === 'legacy' ? itemOfEvent(payload, id) : null;
  return itemFromRecord(payload['item'], {
    startedAtMs: integerOrNull(payload['started_at_ms']),
    completedAtMs: integerOrNull(payload['completed_at_ms']),
  });
}

export interface ItemList {
  /**
   * Adds an item. A reasoning may be joined to the one before it. A later version of an item replaces the earlier one,
   * at the same place.
   */
  add(found: FoundItem, item: PositionedItem): void;
  /** The items in order of time. */
  items(): PositionedItem[];
}

export function collectItems(): ItemList {
  const items: PositionedItem[] = [];
  const indexes = new Map<string, number>();
  return {
    add(found, next) {
      const last = items.at(-1)?.item;
      if (found.joins && last?.type === 'reasoning' && next.item.type === 'reasoning') {
        (last.summary ??= []).push(...(next.item.summary ?? []));
        (last.content ??= []).push(...(next.item.content ?? []));
        return;
      }
      const index = indexes.get(next.item.id);
      if (index === undefined) indexes.set(next.item.id, items.push(next) - 1);
      else items[index] = { ...next, position: itemAt(items, index).position };
    },
    items: () => items.sort((a, b) => a.position - b.position),
  };
}

function kindOf(type: string): FoundItem['kind'] {
  if (type === 'UserMessage' || type === '.user_message') return 'user';
  return type === 'AgentMessage' || type === '.agent_message' ? 'agent' : 'other';
}

/** A turn in the protocol's form, from what the index knows of it. */
export function turnOf(entry: TurnEntry, items: ThreadItem[], itemsView: TurnItemsView): Turn {
  return {
    id: entry.id,
    rootTurnId: entry.rootTurnId,
    items,
    itemsView,
    // The file has no end of the turn: the process that ran it is gone. (The live thread replaces a turn that is
    // running.)
    status: entry.status === 'inProgress' ? 'interrupted' : entry.status,
    error: entry.error,
    startedAt: entry.startedAt,
    completedAt: entry.completedAt,
    durationMs: entry.durationMs,
  };
}
