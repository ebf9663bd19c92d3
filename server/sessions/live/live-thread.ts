/**
 * A loaded thread: its settings, its writer, those who listen to it, and the turn that runs in it.
 *
 * Rule: what a client is told about a thread is one sequence. Every notification of the thread, to subscribers or to
 * all, gets the next number and carries it as the additive member `sequence` beside `method` and `params`
 * (docs/protocol-extensions.md); what it tells was on disk before. Numbers of a later load of the same thread are
 * higher than all earlier ones (they start from the clock), so that a number from before is recognised as too old.
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
  /** Of the last notification that was sent; 0 is never one. */
  readonly sequence: number;
  readonly subscribers: readonly Caller[];
  /** False when it was subscribed already. Ends by itself when the connection ends. */
  subscribe(caller: Caller): boolean;
  unsubscribe(caller: Caller): boolean;
  /** To the subscribers. */
  notify<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void;
  /** To every connection (docs/protocol/threads.md §11). */
  announce<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void;
  /**
   * Sends the caller what subscribers were told after `sequence`, as it was then. False, and nothing is sent, when that
   * is not (or no longer) known: the caller must start over from a snapshot.
   */
  replay(caller: Caller, sequence: number): boolean;
  /**
   * Subscribes within a request: what the caller is told from now on, what it missed (`afterSequence`), and the
   * questions that are open come right behind the answer, in this order: missed, questions, new. Call it in one
   * synchronous step with taking the snapshot, last of all that can fail.
   */
  join(caller: Caller, context: Pick<RequestContext, 'afterAnswer'>, afterSequence?: number | null): Joined;
  /** Bulk output waits for it: resolves when the subscribers took what they were told, or one of them will not. */
  drained(): Promise<void>;
  /**
   * Asks every subscriber, those who come later included, under one request id; the first answer counts, the others get
   * `serverRequest/resolved` (docs/protocol/threads.md §6, §11). While nobody is subscribed the question waits. Rejects
   * with RpcError when the answer is an error or cannot be read, and with the signal's reason when it is aborted (the
   * subscribers are told that it is resolved).
   */
  ask<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestParams<M>,
    signal: AbortSignal,
  ): Promise<ServerRequestResult<M>>;
}

/** What a client that joined is told about its place (docs/protocol-extensions.md, `thread/resume`). */
export interface Joined {
  /** Of the last notification before it joined. */
  readonly sequence: number;
  /** What it missed follows; false: it must start over from the snapshot; null: it did not ask. */
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
  /** The turn that runs, null between turns. */
  readonly turn: LiveTurn | null;
  /** Turns that an ephemeral thread keeps in memory; empty for others, whose turns are on disk. */
  readonly keptTurns: readonly Turn[];
  /** Records that an ephemeral thread keeps in memory (the model's history is among them); empty for others. */
  readonly keptRecords: readonly NewRecord[];

  /** Processes that go on between turns; closing the thread ends them. */
  readonly terminals: BackgroundTerminals;
  /** Everything else that is kept for it while it is loaded; closed with it. */
  readonly runtime: ThreadRuntime;

  /** Appends to the rollout (nothing to do for an ephemeral thread) and tells the catalog. */
  record(records: readonly NewRecord[]): void;
  /**
   * Is called with everything that is recorded from now on, by whomever: injected items, the output of shell commands.
   */
  watchRecords(watcher: (records: readonly NewRecord[]) => void): () => void;
  /**
   * The turns that end from now on, whole: for whoever reads the history meanwhile (join.ts). Call `stop` soon.
   */
  collectEnded(): { readonly turns: readonly Turn[]; stop(): void };
  /**
   * Writes `thread_settings_applied` and tells the subscribers `thread/settings/updated`, if anything differs on the
   * wire. `later`: when they are told (behind an answer); at once without it.
   */
  applySettings(state: ThreadState, later?: (tell: () => void) => void): void;
  setTokenUsage(turnId: string, usage: ThreadTokenUsage): void;
  /** Raises or lowers a flag of the active status; counted, so that two open questions keep one flag up. */
  flag(flag: 'waitingOnApproval' | 'waitingOnUserInput', up: boolean): void;
  /**
   * Begins a turn: `task_started`, status active, `turn/started`. Throws when one runs (or is `ending`: wait for
   * `ended`). `modelContextWindow`, in tokens, is recorded for readers.
   */
  beginTurn(options?: BeginTurnOptions): LiveTurn;
  /** Ends whatever runs, as turn/interrupt does. Resolves when it is over. */
  interrupt(): Promise<void>;
}

/** What the runtime is made from. */
export type RuntimeSource = Pick<LiveThread, 'id' | 'writer' | 'keptRecords' | 'watchRecords'>;

export interface BeginTurnOptions {
  readonly id?: string;
  readonly rootTurnId?: string | null;
  readonly modelContextWindow?: number;
}

/**
 * A turn that runs. Its items are on disk before they are told (docs/protocol/turns.md §2,
 * docs/protocol/threads.md §12.2).
 */
export interface LiveTurn {
  readonly id: string;
  readonly rootTurnId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Aborted by interrupt, archive, delete, shutdown. */
  readonly signal: AbortSignal;
  /** Its end is being written: nothing joins it any more. */
  readonly ending: boolean;
  /** Everything that is kept for it while it runs; closed at its end. */
  readonly runtime: TurnRuntime;
  /**
   * Somebody works in it besides whoever began it (a shell command that joined): `end` waits for all of them. Returns
   * what ends the work.
   */
  hold(): () => void;
  /** As a client sees it now: in progress, with the items so far (for snapshots). */
  snapshot(view: 'full' | 'summary' | 'notLoaded'): Turn;
  /**
   * `outlives`: its process may go on after the turn; the end of the turn leaves it open, and it is completed later.
   */
  itemStarted(item: ThreadItem, options?: { readonly outlives?: boolean }): void;
  /** Replaces the item's snapshot without telling or writing anything (its deltas were told). */
  itemChanged(item: ThreadItem, options?: { readonly outlives?: boolean }): void;
  /**
   * Writes the item (paginated: `item_completed`; legacy: the event that stands for it, where there is one) together
   * with `records`, and tells `item/completed`. Throws when the disk refuses; nothing is told then.
   */
  itemCompleted(item: ThreadItem, records?: readonly NewRecord[]): void;
  /**
   * Completes what is open and does not outlive it, writes the end (an interrupted turn: also what tells the model),
   * then: read state, status, [`error`], `turn/completed` (docs/protocol/turns.md §2). The first call counts. Never
   * rejects.
   */
  end(outcome: TurnOutcome): Promise<void>;
  /** Resolves when the turn has ended. */
  readonly ended: Promise<void>;
}
