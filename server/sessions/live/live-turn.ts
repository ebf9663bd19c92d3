/**
 * The running turn of a thread (see LiveTurn): its items in memory, on disk and on the wire. A notification is sent
 * only after its record is written, and every record is followed by its notification.
 */
import { describe } from '../../errors/describe.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { ThreadReadState } from '../../../schema/protocol/threads/thread-list.js';
import type { Turn, TurnError } from '../../../schema/protocol/threads/turn.js';
import { errorOf } from '../../errors/message-of.js';
import type { Logger } from '../../log/log.js';
import { itemToRecord } from '../store/records/item-record.js';
import { legacyRecords } from '../store/records/legacy-event.js';
import type { HistoryMode, NewRecord } from '../store/records/rollout-record.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { closeTurnRuntime, createTurnRuntime } from '../runtime/turn-runtime.js';
import type { LiveTurn, ThreadEvents, TurnOutcome } from './live-thread.js';
import { seconds, turnEndedRecords, type TurnTimes } from './turn-records.js';

export interface LiveTurnOptions {
  readonly times: TurnTimes;
  readonly threadId: ThreadId;
  readonly mode: HistoryMode;
  readonly events: ThreadEvents;
  readonly record: (records: readonly NewRecord[]) => void;
  /** The end is on disk: returns the change of the thread's read state, or null. */
  readonly read: () => Promise<ThreadReadState | null>;
  /**
   * Removes the turn from the thread and reports the status, just before the notification of the end. `turn`: with all
   * items.
   */
  readonly over: (turn: Turn) => void;
  readonly log: Logger;
}

/** A turn with the methods for its thread. */
export interface OwnedTurn extends LiveTurn {
  /** Aborts `signal`. */
  abort(reason: Error): void;
  /** See LiveThread.interrupt. If the end was sent already, it calls `over` at once. */
  beforeEnd(over: (tellEnd: () => void) => void): void;
  /** Ends the turn now, even if work in it continues. */
  forceEnd(outcome: TurnOutcome): Promise<void>;
}

interface Entry {
  item: ThreadItem;
  readonly startedAtMs: number;
  completedAtMs: number | null;
  outlives: boolean;
}

export function createLiveTurn(options: LiveTurnOptions): OwnedTurn {
  const { times, threadId, mode, events, record, log } = options;
  const { turnId, rootTurnId, startedAtMs } = times;
  const controller = new AbortController();
  const runtime = createTurnRuntime(startedAtMs);
  /** In the order of their first notification. */
  const entries = new Map<string, Entry>();
  const holds = new Set<object>();
  let lastHoldGone: (() => void) | null = null;
  let ending: Promise<void> | null = null;
  /** Called just before the end is sent. */
  const waiting: ((tellEnd: () => void) => void)[] = [];
  let told = false;
  let markEnded!: () => void;
  const ended = new Promise<void>((resolve) => (markEnded = resolve));

  const timed = ({ item, startedAtMs: from, completedAtMs }: Entry): ThreadItem => ({
    ...item,
    startedAtMs: from,
    completedAtMs,
  });
  const itemsOf = (view: Turn['itemsView']): ThreadItem[] => {
    if (view === 'notLoaded') return [];
    const all = [...entries.values()];
    if (view === 'full') return all.map(timed);
    const asked = all.find(({ item }) => item.type === 'userMessage');
    const answered = all.findLast(({ item }) => item.type === 'agentMessage');
    return [asked, answered].flatMap((entry) => (entry ? [timed(entry)] : []));
  };
  const wireTurn = (view: Turn['itemsView'], end: { outcome: TurnOutcome; atMs: number } | null): Turn => ({
    id: turnId,
    rootTurnId,
    items: itemsOf(view),
    itemsView: view,
    status: end?.outcome.status ?? 'inProgress',
    error: end?.outcome.status === 'failed' ? end.outcome.error : null,
    startedAt: seconds(startedAtMs),
    completedAt: end ? seconds(end.atMs) : null,
    durationMs: end ? end.atMs - startedAtMs : null,
  });

  const itemStarted: LiveTurn['itemStarted'] = (item, { outlives = false } = {}) => {
    const entry: Entry = { item, startedAtMs: Date.now(), completedAtMs: null, outlives };
    entries.set(item.id, entry);
    events.notify('item/started', { item: timed(entry), threadId, turnId, startedAtMs: entry.startedAtMs });
  };
  const itemCompleted: LiveTurn['itemCompleted'] = (item, records = []) => {
    if (!entries.has(item.id)) itemStarted(item);
    const started = entries.get(item.id)!;
    // The end of the turn has completed the item before its own work did; it is completed only once.
    if (started.completedAtMs !== null) return record(records);
    const completedAtMs = Date.now();
    const own = recordsOf(timed({ ...started, item, completedAtMs }));
    // The model's record of a user message comes before the item; for all other items it comes after
    // (docs/protocol/threads.md §12.2).
    record(item.type === 'userMessage' ? [...records, ...own] : [...own, ...records]);
    started.item = item;
    started.completedAtMs = completedAtMs;
    events.notify('item/completed', {
      item: timed(started),
      threadId,
      turnId,
      contentTokenCount: null,
      completedAtMs,
    });
  };

  const recordsOf = (item: ThreadItem): NewRecord[] =>
    mode === 'legacy'
      ? legacyRecords(threadId, turnId, item)
      : [{ type: 'event_msg', payload: itemToRecord(threadId, turnId, item) }];

  const closeOpenItems = ({ status }: TurnOutcome): void => {
    for (const { item, completedAtMs, outlives } of entries.values()) {
      if (completedAtMs !== null || outlives) continue;
      const closed = closedItem(item, status);
      if (closed) itemCompleted(closed);
    }
  };
  const isConversation = (): boolean =>
    [...entries.values()].some(({ item: { type } }) => type === 'userMessage' || type === 'agentMessage');
  const lastMessage = (): Entry | undefined =>
    [...entries.values()].findLast(({ item, completedAtMs }) => item.type === 'agentMessage' && completedAtMs !== null);

  const finish = async (asked: TurnOutcome): Promise<void> => {
    if (holds.size) await new Promise<void>((resolve) => (lastHoldGone = resolve));
    let outcome = asked;
    let atMs = Date.now();
    const last = lastMessage();
    try {
      closeOpenItems(outcome);
      atMs = Date.now();
      const text = last?.item.type === 'agentMessage' ? last.item.text : null;
      record(turnEndedRecords(times, outcome, text, atMs));
    } catch (error) {
      // The end is not on disk, so it must not be reported as if it were: the turn fails with the reason.
      log.error(...describe(`the end of turn ${turnId} of thread ${threadId} cannot be written`, error));
      outcome = { status: 'failed', error: diskError(errorOf(error)) };
    }
    let readState: ThreadReadState | null = null;
    try {
      // A turn with only the user's own shell commands makes nothing unread; the reference does the same.
      if (isConversation()) readState = await options.read();
    } catch (error) {
      log.error(...describe(`the read state of thread ${threadId} cannot be kept`, error));
    }
    if (readState) events.notify('thread/readState/changed', { threadId, readState });
    const end = { outcome, atMs };
    closeTurnRuntime(runtime, (name, error) =>
      log.error(...describe(`the ${name} of turn ${turnId} of thread ${threadId} cannot be closed`, error)),
    );
    while (waiting.length > 0)
      await Promise.all(waiting.splice(0).map((over) => new Promise<void>((resolve) => over(resolve))));
    told = true;
    options.over(wireTurn('full', end));
    if (outcome.status === 'failed')
      events.notify('error', { error: outcome.error, willRetry: false, threadId, turnId });
    const answer = outcome.status === 'completed' ? last : undefined;
    events.notify('turn/completed', {
      threadId,
      turn: answer
        ? { ...wireTurn('notLoaded', end), items: [timed(answer)], itemsView: 'summary' }
        : wireTurn('notLoaded', end),
    });
    markEnded();
  };

  return {
    id: turnId,
    rootTurnId,
    startedAtMs,
    signal: controller.signal,
    runtime,
    get ending() {
      return ending !== null;
    },
    hold() {
      const work = {};
      holds.add(work);
      return () => {
        if (holds.delete(work) && holds.size === 0) lastHoldGone?.();
      };
    },
    snapshot: (view) => wireTurn(view, null),
    hasItem: (id) => entries.has(id),
    itemStarted,
    itemChanged(item, { outlives } = {}) {
      const entry = entries.get(item.id);
      if (entry?.completedAtMs !== null) return;
      entry.item = item;
      entry.outlives = outlives ?? entry.outlives;
    },
    itemCompleted,
    end: (outcome) => (ending ??= finish(outcome)),
    ended,
    abort: (reason) => controller.abort(reason),
    beforeEnd(over) {
      if (told) over(() => undefined);
      else waiting.push(over);
    },
    forceEnd(outcome) {
      ending ??= finish(outcome);
      holds.clear();
      lastHoldGone?.();
      return ending;
    },
  };
}

/**
 * The final form of an item that is open when its turn ends. Null: the item stays open, as in the reference
 * (docs/protocol/turns.md §7: an interrupted message is not completed). Calls and commands are always completed. A turn
 * that fails completes everything but a compaction: that item says that the history was replaced.
 */
function closedItem(item: ThreadItem, status: TurnOutcome['status']): ThreadItem | null {
  switch (item.type) {
    case 'commandExecution':
      return { ...item, status: 'failed', exitCode: item.exitCode ?? -1 };
    case 'fileChange':
    case 'mcpToolCall':
      return { ...item, status: 'failed' };
    case 'dynamicToolCall':
      return { ...item, status: 'failed', success: false };
    default:
      return status === 'failed' && item.type !== 'contextCompaction' ? item : null;
  }
}

const diskError = ({ message }: Error): TurnError => ({
  message: `the thread cannot be written to disk: ${message}`,
  codexErrorInfo: 'other',
  additionalDetails: null,
  misalignment: null,
});
