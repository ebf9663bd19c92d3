/** Implements LiveThread. */
import { describe } from '../../errors/describe.js';
import { isDeepStrictEqual } from 'node:util';
import type { ThreadTokenUsage } from '../../../schema/protocol/threads/thread-usage.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import { fault } from '../../errors/fault.js';
import type { Logger } from '../../log/log.js';
import type { ThreadCatalog } from '../catalog/thread-catalog.js';
import type { Outbox } from './outbox.js';
import { countTokens, type SessionCounts } from '../../metrics/session-counts.js';
import { closeThreadRuntime, type ThreadRuntime } from '../runtime/thread-runtime.js';
import { newId } from '../store/records/thread-id.js';
import { createBackgroundTerminals } from './background-terminals.js';
import type { RingRoom } from './delivery/event-ring.js';
import type { LiveThread, LiveTurn, RuntimeSource, ThreadState } from './live-thread.js';
import type { LoadOptions } from './live-threads.js';
import { createLiveTurn, type OwnedTurn } from './live-turn.js';
import { settingsRecord } from './settings-record.js';
import { createUnanswered } from './unanswered.js';
import { createThreadEvents, type OwnedEvents } from './thread-events.js';
import { createThreadRecorder } from './thread-recorder.js';
import { createStatusTracker } from './thread-status.js';
import { turnStartedRecord } from './turn-records.js';

export interface LiveThreadOptions extends LoadOptions {
  readonly outbox: Outbox;
  readonly catalog: Pick<ThreadCatalog, 'touched' | 'turnEnded'>;
  readonly log: Logger;
  readonly counts: SessionCounts;
  /** The number before the first notification of the thread. */
  readonly base: number;
  /** For the kept notifications of all threads. */
  readonly room?: RingRoom;
  /** Creates the runtime of the thread, which lives as long as the thread is loaded. */
  readonly runtime: (thread: RuntimeSource) => ThreadRuntime;
  /** Another program has removed or changed the file (ThreadWriter.lost). */
  readonly onLost: () => void;
  /** Subscribers came or went, or a turn began or ended. */
  readonly onChange: () => void;
}

/** A thread with the methods for the collection that owns it. */
export interface OwnedThread extends LiveThread {
  readonly events: OwnedEvents;
  /**
   * Closes the runtime, settles open questions, and sets the status to notLoaded. `tell`: whether clients are sent the
   * status, and `thread/closed` after it.
   */
  close(tell: 'nothing' | 'status' | 'closed'): void;
}

/** For an unknown model: 272 000 tokens, of which 95 % are usable (docs/protocol/turns.md §2). */
const DEFAULT_CONTEXT_WINDOW = 258_400;
/**
 * How long the work in a turn may continue after an interrupt before the turn is ended without it, in milliseconds. It
 * is shorter than the time for all work when the daemon ends (server/rpc/server.ts).
 */
const INTERRUPT_LIMIT_MS = 2_000;

export function createLiveThread(options: LiveThreadOptions): OwnedThread {
  const { id, meta, writer, log, catalog } = options;
  const ephemeral = writer === null;
  const mode = writer?.historyMode ?? meta.history_mode ?? 'legacy';
  const unanswered = createUnanswered({
    threadId: id,
    clients: () => events.subscribers.length,
    table: () => state.table,
    log,
  });
  const events = createThreadEvents({
    threadId: id,
    outbox: options.outbox,
    base: options.base,
    room: options.room,
    wrapAsk: (ask) => unanswered.limitWait(ask),
    onAudience() {
      unanswered.audienceChanged();
      options.onChange();
    },
  });
  const terminals = createBackgroundTerminals();
  const collectors = new Set<Turn[]>();
  const ephemeralTurns: Turn[] = [];
  let { state } = options;
  let tokenUsage = options.tokenUsage ?? null;
  let turn: OwnedTurn | null = null;

  const status = createStatusTracker((now) => events.announce('thread/status/changed', { threadId: id, status: now }));
  const recorder = createThreadRecorder({
    id,
    writer,
    onWritten: () => catalog.touched(id),
    onLost: options.onLost,
  });
  const { record } = recorder;

  const over = (whole: Turn, tokensBefore: number): void => {
    turn = null;
    logEnd(whole, (tokenUsage?.total.totalTokens ?? 0) - tokensBefore);
    status.end(whole.status === 'failed');
    if (ephemeral) ephemeralTurns.push(whole);
    for (const collected of collectors) collected.push(whole);
    status.tell();
    options.onChange();
  };
  const logEnd = ({ id: turnId, status, durationMs, error }: Turn, tokens: number): void => {
    if (status !== 'inProgress') options.counts.turns[status]++;
    const why = error === null ? {} : { error: error.codexErrorInfo };
    log.info('turn ended', { thread: id, turn: turnId, status, ms: durationMs, tokens, ...why });
  };
  const beginTurn: LiveThread['beginTurn'] = (begin = {}) => {
    if (turn) throw fault(`turn ${turn.id} runs in thread ${id} already`);
    const turnId = begin.id ?? newId();
    const times = { turnId, rootTurnId: begin.rootTurnId ?? turnId, startedAtMs: Date.now() };
    record([turnStartedRecord(times, begin.modelContextWindow ?? DEFAULT_CONTEXT_WINDOW)]);
    const tokensBefore = tokenUsage?.total.totalTokens ?? 0;
    const begun = createLiveTurn({
      times,
      threadId: id,
      mode,
      events,
      record,
      read: async () => (writer ? catalog.turnEnded(id, turnId) : null),
      over(whole) {
        over(whole, tokensBefore);
        if (writer) flush(writer, log);
      },
      log,
    });
    turn = begun;
    status.begin();
    log.info('turn started', { thread: id, turn: turnId, model: state.wire.model });
    status.tell();
    options.onChange();
    events.notify('turn/started', { threadId: id, turn: begun.snapshot('notLoaded') });
    return begun;
  };

  const flag: LiveThread['flag'] = (flag, up) => {
    status.flag(flag, up);
    status.tell();
    options.onChange();
  };
  const runtime = options.runtime({
    id,
    how: options.how ?? 'resumed',
    writer,
    ephemeralRecords: recorder.memory,
    watchRecords: recorder.watch,
    events,
    flag,
    get state() {
      return state;
    },
    get turn() {
      return turn;
    },
  });

  return {
    id,
    meta,
    ephemeral,
    writer,
    events,
    get state() {
      return state;
    },
    get status() {
      return status.status;
    },
    get tokenUsage() {
      return tokenUsage;
    },
    get turn(): LiveTurn | null {
      return turn;
    },
    ephemeralTurns,
    ephemeralRecords: recorder.memory,
    terminals,
    runtime,
    record,
    watchRecords: recorder.watch,
    collectEnded() {
      const turns: Turn[] = [];
      collectors.add(turns);
      return { turns, stop: () => void collectors.delete(turns) };
    },
    applySettings(next: ThreadState, later = (tell) => tell()) {
      const differs = !isDeepStrictEqual(next.wire, state.wire);
      if (differs) record([settingsRecord(id, next)]);
      const { plugins: before } = state;
      state = next;
      // The servers of plugins come and go with them.
      if (ids(before) !== ids(next.plugins)) runtime.mcp.reload();
      if (differs) later(() => events.notify('thread/settings/updated', { threadId: id, threadSettings: next.wire }));
    },
    setTokenUsage(turnId: string, usage: ThreadTokenUsage) {
      countTokens(options.counts, usage.total, tokenUsage?.total ?? null);
      tokenUsage = usage;
      events.notify('thread/tokenUsage/updated', { threadId: id, turnId, tokenUsage: usage });
    },
    flag,
    beginTurn,
    async interrupt(over) {
      const running = turn;
      if (!running) return over?.(() => undefined);
      if (over) running.beforeEnd(over);
      running.abort(new Error('the turn was interrupted'));
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, INTERRUPT_LIMIT_MS)));
      await Promise.race([running.ended, limit]);
      clearTimeout(timer);
      // The work does not stop in time: the turn ends without it.
      await running.forceEnd({ status: 'interrupted' });
    },
    close(tell) {
      status.close();
      recorder.close();
      closeThreadRuntime(runtime, (name, error) =>
        log.error(...describe(`the ${name} of thread ${id} cannot be closed`, error)),
      );
      terminals.terminateAll();
      events.closeQuestions();
      if (tell !== 'nothing') status.tell();
      if (tell === 'closed') events.announce('thread/closed', { threadId: id });
      events.close();
    },
  };
}

/**
 * Flushes to the device after the notifications: what was written survives the end of the process even without a flush.
 */
function flush(writer: NonNullable<LiveThread['writer']>, log: Logger): void {
  writer
    .sync()
    .catch((error: unknown) => log.error(...describe(`thread ${writer.id} cannot be flushed to disk`, error)));
}

const ids = (plugins: ThreadState['plugins']): string =>
  plugins.map(({ id, version }) => `${id} ${version}`).join('\n');
