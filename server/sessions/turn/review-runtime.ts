/**
 * The thread and the turn as a review uses them. Commands are shown and recorded as usual. The reviewer's messages are
 * neither shown nor stored, and its history is separate.
 *
 * Threat: a reviewer gets more permissions than the person gave the thread; an approval of the person is not valid
 * where it was given. Rule: every member is listed here, and each member of the runtime is either the thread's or the
 * review's. An approval belongs to the thread, inside and outside of a review, because the questions name the thread
 * and the turn. Non-scope: the question to the reviewer (review.ts).
 */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { TurnEvents, TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { KnownHistoryItem } from '../../../schema/protocol/threads/history-item.js';
import type { HistoryItemOf } from '../store/records/history-item.js';
import { itemForModel } from '../store/records/item-for-model.js';
import type { ThreadRuntime } from '../runtime/thread-runtime.js';
import type { ThreadState } from '../runtime/thread-state.js';
import { createThreadWork, type WorkHistory } from '../runtime/thread-work.js';
import type { NewRecord } from '../store/records/rollout-record.js';

export interface ReviewRuntime {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  /** The reviewer's last message; undefined: there is none. */
  lastMessage(): HistoryItemOf<'message'> | undefined;
  /** Closes the parts that belong to the review. */
  close(): void;
}

export function reviewRuntime(
  thread: TurnThread,
  turn: WorkTurn,
  { baseInstructions }: { readonly baseInstructions: string },
): ReviewRuntime {
  const history = createHistory();
  const runtime = runtimeOf(thread.runtime, history);
  const state = reviewState(thread.state, baseInstructions);
  const apart: WorkTurn = {
    id: turn.id,
    rootTurnId: turn.rootTurnId,
    startedAtMs: turn.startedAtMs,
    signal: turn.signal,
    get ending() {
      return turn.ending;
    },
    // The turn's grants, diff and time are those of the review, because nothing else happens in the turn.
    runtime: turn.runtime,
    itemStarted(item, more) {
      if (!isSaid(item)) turn.itemStarted(item, more);
    },
    hasItem: (id) => turn.hasItem(id),
    itemChanged: (item, more) => turn.itemChanged(item, more),
    itemCompleted(item, records = []) {
      const others = history.keep(records);
      if (!isSaid(item)) turn.itemCompleted(item, others);
    },
  };
  const events: TurnEvents = {
    notify(method, params) {
      if (!MESSAGE_METHODS.has(method)) thread.events.notify(method, params);
    },
    announce: (method, params) => thread.events.announce(method, params),
    drained: () => thread.events.drained(),
    ask: (method, params, signal) => thread.events.ask(method, params, signal),
  };
  return {
    turn: apart,
    thread: {
      id: thread.id,
      ephemeral: thread.ephemeral,
      state,
      get status() {
        return thread.status;
      },
      get tokenUsage() {
        return thread.tokenUsage;
      },
      get turn() {
        return thread.turn === turn ? apart : thread.turn;
      },
      terminals: thread.terminals,
      runtime,
      events,
      record: (records) => thread.record(history.keep(records)),
      setTokenUsage: (turnId, usage) => thread.setTokenUsage(turnId, usage),
      flag: (flag, up) => thread.flag(flag, up),
      interrupt: () => thread.interrupt(),
    },
    lastMessage: () => history.all().findLast(isAnswer),
    close: () => runtime.work.close(),
  };
}

/** The members of the thread's runtime that the review shares. */
function runtimeOf(ofThread: ThreadRuntime, history: WorkHistory): ThreadRuntime {
  return {
    // An approval for the session is for the thread's session, wherever it was given.
    approvals: ofThread.approvals,
    patches: ofThread.patches,
    grants: ofThread.grants,
    network: ofThread.network,
    // A thread has one range of process numbers, and one limit.
    execSessions: ofThread.execSessions,
    // The reviewer's endpoint is the thread's.
    leftOut: ofThread.leftOut,
    // The reviewer may use the servers of the thread; people are asked as they are in the thread.
    mcp: ofThread.mcp,
    mcpApprovals: ofThread.mcpApprovals,
    // The hooks of the thread guard the reviewer's calls, too.
    hooks: ofThread.hooks,
    // The review is a turn in the thread's schedule.
    schedule: ofThread.schedule,
    goalSteps: ofThread.goalSteps,
    // A client counts the questions of a thread, whatever the turn is.
    pauses: ofThread.pauses,
    // The reviewer does not see the thread's history. It accepts no messages, and no changes of its turn's settings.
    work: createThreadWork(history, { settingsRecorded: true }),
  };
}

interface ReviewHistory extends WorkHistory {
  /** Takes the records for the model's history; returns those that belong to the thread. */
  keep(records: readonly NewRecord[]): readonly NewRecord[];
  all(): readonly KnownHistoryItem[];
}

function createHistory(): ReviewHistory {
  const kept: KnownHistoryItem[] = [];
  return {
    // A reviewer's history is given by nobody.
    isRetained: () => false,
    keep(records) {
      for (const { type, payload } of records) {
        const item = type === 'response_item' ? itemForModel(payload) : null;
        if (item !== null) kept.push(item);
      }
      return records.filter(({ type }) => type === 'event_msg' || type === 'token_usage_record');
    },
    all: () => kept,
    items: () => Promise.resolve([...kept]),
    get held() {
      return kept.length;
    },
    close() {
      kept.length = 0;
    },
  };
}

const isAnswer = (item: KnownHistoryItem): item is HistoryItemOf<'message'> =>
  item.type === 'message' && item.role === 'assistant';

const isSaid = ({ type }: ThreadItem): boolean => type === 'agentMessage' || type === 'reasoning';

const MESSAGE_METHODS: ReadonlySet<string> = new Set([
  'item/agentMessage/delta',
  'item/reasoning/textDelta',
  'item/reasoning/summaryTextDelta',
  'item/reasoning/summaryPartAdded',
]);

function reviewState(state: ThreadState, baseInstructions: string): ThreadState {
  const { review_model: model } = state.table;
  const wire = typeof model === 'string' && model !== '' ? { ...state.wire, model } : state.wire;
  return { ...state, wire, baseInstructions, developerInstructions: null };
}
