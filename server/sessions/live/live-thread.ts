/**
 * A loaded thread: its settings, its writer, its subscribers, and its running turn.
 *
 * Rule: the notifications of a thread are one sequence. Every notification, to subscribers or to all connections, gets
 * the next number. Clients receive it as the additional member `sequence` beside `method` and `params`
 * (docs/protocol-extensions.md). What a notification reports is on disk before it is sent. The numbers of a later load
 * of the same thread are higher than all earlier ones, because they start from the clock. So a number from an earlier
 * load is recognised as too old.
 */
import type {
  NotificationParams,
  ServerNotificationMethod,
  ServerRequestMethod,
  ServerRequestParams,
  ServerRequestResult,
} from '../../../schema/registry.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { ThreadStatus } from '../../../schema/protocol/threads/thread.js';
import type { ThreadTokenUsage } from '../../../schema/protocol/threads/thread-usage.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import type { ThreadRuntime } from '../runtime/thread-runtime.js';
import type { ThreadState } from '../runtime/thread-state.js';
import type { TurnOutcome } from '../runtime/turn-outcome.js';
import type { TurnRuntime } from '../runtime/turn-runtime.js';
import type { NewRecord, SessionMeta } from '../store/records/rollout-record.js';
import type { ThreadWriter } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { BackgroundTerminals } from './background-terminals.js';

export type { ThreadState, TurnOutcome };

export interface ThreadEvents {
  /** The number of the last notification; never 0. */
  readonly sequence: number;
  readonly subscribers: readonly Caller[];
  /** False: the caller was subscribed already. A subscription ends when its connection ends. */
  subscribe(caller: Caller): boolean;
  unsubscribe(caller: Caller): boolean;
  /** Notifies the subscribers. */
  notify<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void;
  /** Notifies every connection (docs/protocol/threads.md §11). */
  announce<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void;
  /**
   * Sends the caller the notifications after `sequence` in their original form. False: some of them are dropped or
   * unknown. Then nothing is sent, and the caller must start again from a snapshot.
   */
  replay(caller: Caller, sequence: number): boolean;
  /**
   * Subscribes within a request. After the answer the caller receives, in this order: the notifications that it missed
   * since `afterSequence`, the open questions, and new notifications. Call it in the same synchronous step as taking
   * the snapshot, after everything that can fail.
   */
  join(caller: Caller, context: Pick<RequestContext, 'afterAnswer'>, afterSequence?: number | null): Joined;
  /** A `turn/start` of the caller was answered just now; for clients that listen late (late-listeners.ts). */
  turnAnswered(caller: Caller): void;
  /**
   * Bulk output waits for this: resolves when the subscribers have read their notifications, or when one of them is too
   * slow.
   */
  drained(): Promise<void>;
  /**
   * Asks every subscriber, including later ones, under one request id. The first answer counts; the others receive
   * `serverRequest/resolved` (docs/protocol/threads.md §6, §11). Without a subscriber the question waits. Rejects with
   * RpcError if the answer is an error or invalid. Rejects with the signal's reason if it is aborted; then the
   * subscribers are notified that the question is resolved.
   */
  ask<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestParams<M>,
    signal: AbortSignal,
  ): Promise<ServerRequestResult<M>>;
}

/** The position in the sequence at which a client joined (docs/protocol-extensions.md, `thread/resume`). */
export interface Joined {
  /** The number of the last notification before it joined. */
  readonly sequence: number;
  /**
   * True: the missed notifications follow. False: the client must start again from the snapshot. Null: it did not
   * request them.
   */
  readonly caughtUp: boolean | null;
}

export interface LiveThread {
  readonly id: ThreadId;
  readonly meta: SessionMeta;
  readonly ephemeral: boolean;
  /** Null for an ephemeral thread. */
  readonly writer: ThreadWriter | null;
  readonly events: ThreadEvents;
  readonly state: ThreadState;
  readonly status: ThreadStatus;
  readonly tokenUsage: ThreadTokenUsage | null;
  /** The running turn; null between turns. */
  readonly turn: LiveTurn | null;
  /** Turns of an ephemeral thread, which are only in memory; empty for other threads, whose turns are on disk. */
  readonly ephemeralTurns: readonly Turn[];
  /**
   * Records of an ephemeral thread, including the model's history, which are only in memory; empty for other threads.
   */
  readonly ephemeralRecords: readonly NewRecord[];

  /** Processes that continue between turns; closing the thread ends them. */
  readonly terminals: BackgroundTerminals;
  /** Everything else that belongs to the thread while it is loaded; closed with it. */
  readonly runtime: ThreadRuntime;

  /** Appends to the rollout (except for an ephemeral thread) and notifies the catalog. */
  record(records: readonly NewRecord[]): void;
  /**
   * Calls `watcher` with all records from now on, of every origin: also injected items and the output of shell
   * commands. Returns a function that ends this.
   */
  watchRecords(watcher: (records: readonly NewRecord[]) => void): () => void;
  /**
   * Collects the turns that end from now on, with all items, while a caller reads the history (join.ts). Call `stop`
   * soon.
   */
  collectEnded(): { readonly turns: readonly Turn[]; stop(): void };
  /**
   * Writes `thread_settings_applied` and sends `thread/settings/updated` to the subscribers, if anything differs on the
   * wire. `later`: delays the notification, for example until after an answer; without it the notification is
   * immediate.
   */
  applySettings(state: ThreadState, later?: (tell: () => void) => void): void;
  setTokenUsage(turnId: string, usage: ThreadTokenUsage): void;
  /**
   * Sets or clears a flag of the active status. It counts calls, so the flag stays set while one of two questions is
   * open.
   */
  flag(flag: 'waitingOnApproval' | 'waitingOnUserInput', up: boolean): void;
  /**
   * Begins a turn: `task_started`, status active, `turn/started`. Throws if a turn is running. If the turn is `ending`,
   * wait for `ended` first. `modelContextWindow`, in tokens, is recorded for readers.
   */
  beginTurn(options?: BeginTurnOptions): LiveTurn;
  /**
   * Ends the running turn, as turn/interrupt does. Resolves when it has ended. `over`: called when the end is on disk
   * and all earlier notifications are sent; the end is sent when `over` calls its argument.
   */
  interrupt(over?: (tellEnd: () => void) => void): Promise<void>;
}

/** Why a thread is loaded. `cleared`: it was started in place of another one. */
export type LoadReason = 'started' | 'cleared' | 'resumed' | 'forked' | 'reverted';

/** The parts of the thread from which its runtime is made. */
export type RuntimeSource = Pick<
  LiveThread,
  'id' | 'writer' | 'ephemeralRecords' | 'watchRecords' | 'events' | 'state' | 'turn' | 'flag'
> & {
  /** Why the thread is loaded. */
  readonly how: LoadReason;
};

export interface BeginTurnOptions {
  readonly id?: string;
  readonly rootTurnId?: string | null;
  readonly modelContextWindow?: number;
}

/**
 * A running turn. Its items are on disk before clients are notified (docs/protocol/turns.md §2,
 * docs/protocol/threads.md §12.2).
 */
export interface LiveTurn {
  readonly id: string;
  readonly rootTurnId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Aborted by interrupt, archive, delete and shutdown. */
  readonly signal: AbortSignal;
  /** The end of the turn is being written: no other work can join it. */
  readonly ending: boolean;
  /** Everything else that belongs to the turn while it runs; closed at its end. */
  readonly runtime: TurnRuntime;
  /**
   * Other work joins the turn, for example a shell command: `end` waits for all of it. Returns a function that ends the
   * work.
   */
  hold(): () => void;
  /** The turn in its current state for snapshots: in progress, with the items so far. */
  snapshot(view: 'full' | 'summary' | 'notLoaded'): Turn;
  /** An item with this id was begun or completed in the turn. */
  hasItem(id: string): boolean;
  /**
   * `outlives`: the item's process may continue after the turn. The end of the turn leaves the item open, and it is
   * completed later.
   */
  itemStarted(item: ThreadItem, options?: { readonly outlives?: boolean }): void;
  /** Replaces the item's snapshot without a notification or a record (its deltas were sent). */
  itemChanged(item: ThreadItem, options?: { readonly outlives?: boolean }): void;
  /**
   * Writes the item together with `records`, and sends `item/completed`. Paginated: `item_completed`; legacy: the event
   * for the item, if there is one. Throws if the disk refuses; then no notification is sent.
   */
  itemCompleted(item: ThreadItem, records?: readonly NewRecord[]): void;
  /**
   * Completes all open items except those that outlive the turn, and writes the end. After an interrupt it also writes
   * a message for the model. Then: read state, status, [`error`], `turn/completed` (docs/protocol/turns.md §2). Only
   * the first call counts. Never rejects.
   */
  end(outcome: TurnOutcome): Promise<void>;
  /** Resolves when the turn has ended. */
  readonly ended: Promise<void>;
}
