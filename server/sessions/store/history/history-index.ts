/**
 * The positions of a thread's turns in its files. One pass over the history builds this index; every other reader uses
 * it. A turn needs about 200 bytes here, whatever its size (docs/protocol/threads.md §12.2, §12.3).
 *
 * The range of a turn begins with the record that opened it and ends before the record that opens the next one. Some
 * records of a turn are outside its range, for example the end of a command during a later turn. The index stores their
 * positions one by one.
 */
import type { TurnStatus } from '../../../../schema/protocol/threads/turn.js';
import { LEGACY_ROLES } from '../records/legacy-event.js';
import type { HistoryMode, RecordPayload } from '../records/rollout-record.js';
import { isKnownKind, LEFT_OUT_EVENT, parseRecord, TEXT_EVENTS, type SniffedRecord } from '../records/sniff-record.js';
import { integerOrNull, type Place, type TurnEntry, turnErrorFromRecord } from '../records/turn-record.js';

export interface HistoryIndex {
  /** A rollback replaces this list and does not shorten it. A reader that holds the old list keeps all of its turns. */
  readonly turns: readonly TurnEntry[];
  readonly byId: ReadonlyMap<string, TurnEntry>;
  /** The turn whose range contains the line that was added last; null: none does. */
  readonly open: TurnEntry | null;
  /** The last record of its kind; null: there is none. */
  readonly tokenCount: Place | null;
  readonly settings: Place | null;
  readonly context: Place | null;
  readonly meta: Place | null;
  readonly leftOut: Place | null;
  /** Records that restart the model's history, oldest first. */
  readonly compactions: readonly Place[];
  readonly rolledBack: boolean;
  /** How many lines are not records. */
  readonly garbage: number;
  /** Items of turns that no record opened. */
  readonly orphans: ReadonlyMap<string, readonly Place[]>;
  /**
   * All turns that were opened, including those that were rolled back. The list is stored only if there are rollbacks.
   */
  allOpened(): readonly TurnEntry[];
  /**
   * Adds one line; `offset` is its position in the slice's file, `sniffed` its kind (sniff-record.ts). Returns its
   * ordinal, also if the line itself has none; null: the line does not count.
   */
  add(
    slice: number,
    buffer: Buffer,
    start: number,
    end: number,
    offset: number,
    sniffed: SniffedRecord | null,
  ): number | null;
  /** Ends the open range at `end`, which is the end of the slice. */
  closeRange(slice: number, end: number): void;
}

export function createHistoryIndex(mode: HistoryMode): HistoryIndex {
  let turns: TurnEntry[] = [];
  const byId = new Map<string, TurnEntry>();
  /** Items whose turn is not known (yet), by the turn's id. */
  const orphans = new Map<string, Place[]>();
  const compactions: Place[] = [];
  type LastOf = Record<'tokenCount' | 'settings' | 'context' | 'meta' | 'leftOut', Place | null>;
  let last: LastOf = { tokenCount: null, settings: null, context: null, meta: null, leftOut: null };
  let records = 0;
  /** The position of the next record that has no ordinal. */
  let next = 0;
  let garbage = 0;
  let synthetic = 0;
  let rolledBack = false;
  const taken: TurnEntry[] = [];
  /** The turn of records that have no turn id. */
  let current: TurnEntry | null = null;
  /** The turn whose range is growing. The turn itself may have ended. */
  let open: TurnEntry | null = null;
  /** The last item of the current turn is a reasoning, so the next reasoning is added to it. */
  let reasoning = false;

  function openTurn(at: Place, record: number, id: string, explicit: boolean): TurnEntry {
    if (open !== null && open.slice === at.slice) open.end = at.start;
    const entry = newTurn(at, record, id, explicit, synthetic);
    turns.push(entry);
    byId.set(id, entry);
    open = entry;
    reasoning = false;
    return entry;
  }

  function ensureTurn(at: Place, record: number): TurnEntry {
    current ??= openTurn(at, record, `rollout-${record}`, false);
    return current;
  }

  function taskStarted(at: Place, record: number, payload: RecordPayload): void {
    const id = typeof payload['turn_id'] === 'string' ? payload['turn_id'] : `rollout-${record}`;
    current = openTurn(at, record, id, true);
    current.status = 'inProgress';
    current.rootTurnId = textOrNull(payload['root_turn_id']);
    current.startedAt = integerOrNull(payload['started_at']);
    adopt(current);
  }

  function taskEnded(at: Place, record: number, payload: RecordPayload, status: TurnStatus): void {
    const id = textOrNull(payload['turn_id']);
    let entry = id === null ? current : (byId.get(id) ?? null);
    if (entry === null && id !== null && mode === 'paginated') {
      // A turn that no record opened (the outer turn of a review): its position is that of its end, and it has the
      // items that name it.
      entry = openTurn(at, record, id, true);
      entry.rootTurnId = textOrNull(payload['root_turn_id']);
      entry.startedAt = integerOrNull(payload['started_at']);
      adopt(entry);
    }
    entry ??= current;
    if (entry === null) return;
    const error = turnErrorFromRecord(payload['error']);
    entry.status = error === null ? (entry.status === 'failed' ? 'failed' : status) : 'failed';
    if (error !== null) entry.error = error;
    entry.completedAt = integerOrNull(payload['completed_at']);
    entry.durationMs = integerOrNull(payload['duration_ms']);
    entry.endPosition = at.position;
    if (entry === current) current = null;
  }

  function adopt(entry: TurnEntry): void {
    const places = orphans.get(entry.id);
    if (places === undefined) return;
    orphans.delete(entry.id);
    entry.late = places;
    entry.items += places.length;
  }

  function rollBack(at: Place, turnCount: number): void {
    rolledBack = true;
    current = null;
    const kept = Math.max(0, turns.length - turnCount);
    for (const entry of turns.slice(kept)) byId.delete(entry.id);
    taken.push(...turns.slice(kept));
    turns = turns.slice(0, kept);
    // Until the next turn opens, records belong to no range: the open range ends here, also after a rollback.
    if (open !== null && open.slice === at.slice) open.end = at.start;
    open = null;
    reasoning = false;
    synthetic = turns.reduce((sum, { items }) => sum + items, 0);
  }

  function addItem(item: NonNullable<SniffedRecord['item']>, at: Place): void {
    const entry = byId.get(item.turnId);
    if (entry === undefined) {
      const waiting = orphans.get(item.turnId);
      if (waiting === undefined) orphans.set(item.turnId, [at]);
      else waiting.push(at);
      return;
    }
    entry.items++;
    if (entry !== open) (entry.late ??= []).push(at);
  }

  function addEvent(kind: string, at: Place, record: number, parse: () => RecordPayload): void {
    const role = LEGACY_ROLES[kind];
    if (role === 'reasoning') {
      const entry = ensureTurn(at, record);
      if (!reasoning) {
        synthetic++;
        entry.items++;
      }
      reasoning = true;
      return;
    }
    if (
      kind === '.user_message' &&
      current !== null &&
      !current.explicit &&
      !(current.sawCompaction && current.items === 0)
    )
      current = null;
    const targeted = kind === '.entered_review_mode' || kind === '.exited_review_mode';
    const payload = targeted ? parse() : null;
    const turnId = payload === null ? null : textOrNull(payload['turn_id']);
    if (turnId !== null && turnId !== current?.id) {
      const other = byId.get(turnId) ?? openTurn(at, record, turnId, true);
      if (other !== open) (other.late ??= []).push(at);
      other.items++;
      return;
    }
    const entry = ensureTurn(at, record);
    if (role === 'numbered' || (targeted && textOrNull(payload?.['item_id']) === null)) synthetic++;
    entry.items++;
    reasoning = false;
  }

  function note(sniffed: SniffedRecord, at: Place, record: number, parse: () => RecordPayload): void {
    switch (sniffed.kind) {
      case '.task_started':
      case '.turn_started':
        return taskStarted(at, record, parse());
      case '.task_complete':
      case '.turn_complete':
        return taskEnded(at, record, parse(), 'completed');
      case '.turn_aborted':
        return taskEnded(at, record, parse(), 'interrupted');
      case '.thread_rolled_back':
        return rollBack(at, integerOrNull(parse()['num_turns']) ?? 0);
      case '.token_count':
        if (isTokenInfo(parse())) last = { ...last, tokenCount: at };
        return;
      case '.thread_settings_applied':
        last = { ...last, settings: at };
        return;
      case 'turn_context':
        last = { ...last, context: at };
        return;
      case 'session_meta':
        last = { ...last, meta: at };
        return;
      case 'compacted':
        compactions.push(at);
        if (mode === 'legacy') ensureTurn(at, record).sawCompaction = true;
        return;
      case '.item_completed':
        if (sniffed.item === null) return;
        if (mode === 'paginated') return addItem(sniffed.item, at);
        if (sniffed.item.type !== 'Plan') return;
        ensureTurn(at, record).items++;
        reasoning = false;
        return;
      default:
        if (mode === 'paginated' || !(sniffed.kind in LEGACY_ROLES)) return;
        if (TEXT_EVENTS.has(sniffed.kind) && sniffed.empty) return;
        return addEvent(sniffed.kind, at, record, parse);
    }
  }

  return {
    get turns() {
      return turns;
    },
    byId,
    get open() {
      return open;
    },
    get tokenCount() {
      return last.tokenCount;
    },
    get settings() {
      return last.settings;
    },
    get context() {
      return last.context;
    },
    get meta() {
      return last.meta;
    },
    get leftOut() {
      return last.leftOut;
    },
    compactions,
    orphans,
    get rolledBack() {
      return rolledBack;
    },
    get garbage() {
      return garbage;
    },
    add(slice, buffer, start, end, offset, sniffed) {
      if (sniffed === null) {
        if (end > start) garbage++;
        return null;
      }
      const known = isKnownKind(sniffed.kind);
      const position = sniffed.ordinal ?? next;
      if (known || sniffed.ordinal !== null) next = position + 1;
      const at: Place = { slice, start: offset, end: offset + (end - start), position, number: synthetic };
      if (!known) {
        if (sniffed.kind === `.${LEFT_OUT_EVENT}`) last = { ...last, leftOut: at };
        return sniffed.ordinal;
      }
      const parse = (): RecordPayload => parseRecord(buffer, start, end)?.payload ?? {};
      note(sniffed, at, records++, parse);
      return position;
    },
    allOpened: () => [...taken, ...turns],
    closeRange(slice, end) {
      if (open?.slice === slice) open.end = end;
    },
  };
}

function newTurn(at: Place, record: number, id: string, explicit: boolean, firstItem: number): TurnEntry {
  return {
    id,
    rootTurnId: null,
    explicit,
    slice: at.slice,
    start: at.start,
    end: at.end,
    position: at.position,
    record,
    firstItem,
    endPosition: null,
    status: 'completed',
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    items: 0,
    sawCompaction: false,
    late: null,
  };
}

const isTokenInfo = (payload: RecordPayload): boolean =>
  typeof payload['info'] === 'object' && payload['info'] !== null;
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
