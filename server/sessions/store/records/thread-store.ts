/**
 * Threads on disk (docs/protocol/threads.md §12). The rollout files are the only source: no cache may contradict them.
 */
import { type Code } from '../../../errors/codes.js';
import { CodexdError, isCode, type ErrorDetails } from '../../../errors/codexd-error.js';
import type { ModelHistory } from './model-history.js';
import type { Thread } from '../../../../schema/protocol/threads/thread.js';
import type { ThreadItemEntry, ThreadTimelineEntry } from '../../../../schema/protocol/threads/thread-history.js';
import type { ThreadTokenUsage } from '../../../../schema/protocol/threads/thread-usage.js';
import type { Turn, TurnItemsView } from '../../../../schema/protocol/threads/turn.js';
import type { KeptTurns, WrittenTurns } from './turn-record.js';
import type { ThreadId } from './thread-id.js';
import type { HistoryMode, NewRecord, RecordPayload, SessionMeta } from './rollout-record.js';

/** The files of one thread. */
export interface ThreadFiles {
  readonly id: ThreadId;
  /**
   * The live file, which is the newest segment. Clients see this path (`.jsonl`), also if only the `.zst` form exists.
   */
  readonly path: string;
  /** The file that is read: `path`, or `path` + `.zst`. */
  readonly stored: string;
  readonly archived: boolean;
  /** Every file of the thread, older segments first, `path` last. */
  readonly segments: readonly string[];
}

/** The facts in the first records of a file, enough for a list (docs/protocol/threads.md §2, §4). */
export interface ThreadHead {
  readonly id: ThreadId;
  readonly files: ThreadFiles;
  readonly meta: SessionMeta;
  readonly historyMode: HistoryMode;
  /** The first user message; empty if there is none (the catalog may show the goal instead). */
  readonly preview: string;
  /** There is a user message: the thread is listed. */
  readonly hasUserMessage: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/**
 * A thread's history, read from its files. It is a snapshot of the moment when it was opened, until `refresh` is
 * called.
 */
export interface ThreadHistory {
  readonly meta: SessionMeta;
  readonly historyMode: HistoryMode;
  readonly turnCount: number;
  /** The ordinal that the next record gets. */
  readonly recordCount: number;
  /** Reads the records that were appended since. */
  refresh(): Promise<void>;
  /** Turns in order of time, from index `from` (inclusive) to `to` (exclusive). */
  turns(from: number, to: number, view: TurnItemsView): Promise<Turn[]>;
  /**
   * Turns with all items, as JSON: all of them, or those before the index `to`. `kept`: what an earlier pass over the
   * files kept of them.
   */
  writtenTurns(kept: KeptTurns, to?: number): Promise<WrittenTurns>;
  /** Index of a turn; -1: no turn has that id. */
  indexOfTurn(turnId: string): number;
  /** Throws RangeError. */
  turnIdAt(index: number): string;
  /**
   * The position of a turn: the ordinal of the record that opened it (paginated), or that record's number. It rises
   * with the index.
   */
  positionOfTurn(index: number): number;
  /** Every item, oldest first, of one turn or of all. Items are read as the caller iterates. */
  items(options?: ItemsOptions): AsyncIterable<PositionedItem>;
  /** Beginnings and ends of turns, and items, in order of their positions. */
  timeline(options?: Pick<ItemsOptions, 'backwards' | 'from'>): AsyncIterable<ThreadTimelineEntry>;
  /**
   * The input of the model: after compactions and rollbacks, with missing outputs added (docs/protocol/threads.md
   * §12.3). `before`: index of the first turn that does not count.
   */
  modelHistory(before?: number): Promise<ModelHistory>;
  /**
   * The last `thread_settings_applied` and the last `turn_context`, merged according to docs/protocol/threads.md §12.2.
   * Members that were never written are absent.
   */
  settings(): Promise<StoredSettings>;
  /** What endpoints do not take of the thread, as it was written last; null: nothing was. */
  leftOut(): Promise<RecordPayload | null>;
  /** The usage in the last token_count; null: there is none. */
  tokenUsage(): Promise<ThreadTokenUsage | null>;
}

export interface ItemsOptions {
  readonly turnId?: string;
  readonly backwards?: boolean;
  /** A position near which to begin. Items before it (backwards: after it) may be omitted to save reading. */
  readonly from?: number;
  /** Only messages of users and agents. */
  readonly messagesOnly?: boolean;
}

export interface PositionedItem extends ThreadItemEntry {
  /** The ordinal of the item's record (paginated) or its number (legacy). It rises through the thread. */
  readonly position: number;
}

export interface StoredSettings {
  readonly model?: string;
  readonly modelProvider?: string;
  readonly effort?: string | null;
  readonly summary?: string | null;
  readonly approvalPolicy?: unknown;
  readonly approvalsReviewer?: string;
  readonly activePermissionProfile?: { readonly id: string; readonly extends?: string | null } | null;
  /** The profile or legacy policy as written, for a caller that can restore it. */
  readonly permissionProfile?: unknown;
  readonly sandboxPolicy?: unknown;
  /** From thread_settings_applied only: the folder in a turn_context is not permanent (docs/protocol/threads.md §6). */
  readonly cwd?: string;
  readonly runtimeWorkspaceRoots?: readonly string[];
  readonly disabledPluginIds?: readonly string[];
  readonly collaborationMode?: unknown;
  readonly serviceTier?: string | null;
  readonly personality?: string | null;
}

/**
 * The only object that may append to a thread. It holds the thread's writer lock until `close`
 * (docs/protocol/threads.md §12.5).
 */
export interface ThreadWriter {
  readonly id: ThreadId;
  readonly path: string;
  /**
   * False until the first append creates the file: a thread without content is not on disk (docs/protocol/threads.md
   * §3).
   */
  readonly exists: boolean;
  readonly historyMode: HistoryMode;
  /**
   * What another program did to the file. If it is not null, nothing can be appended, and the thread must be loaded
   * again from the current files. A file that was moved unchanged still belongs to this writer.
   */
  readonly lost: 'removed' | 'replaced' | 'cut off' | null;
  /** The ordinal of the next record; 0 in legacy files. */
  readonly nextOrdinal: number;
  /**
   * Appends the records as whole lines in one write. When it returns, they are in the file and survive kill -9, so
   * clients may be notified. It is synchronous on purpose: the order of calls is the order on disk and on the wire.
   * Throws if the disk refuses; then no part of the records stays in the file.
   */
  append(records: readonly NewRecord[]): void;
  /** Flushes to the device (end of a turn, archive, close). */
  sync(): Promise<void>;
  /** Flushes, closes and releases the lock. */
  close(): Promise<void>;
}

export interface ThreadStore {
  /** Finds a thread's files by id; null: there are none. */
  find(id: ThreadId): Promise<ThreadFiles | null>;
  /** The files of the thread at a path, in any folder (docs/protocol/threads.md §6). Throws an error of the store. */
  at(path: string): Promise<ThreadFiles>;
  head(files: ThreadFiles): Promise<ThreadHead>;
  history(files: ThreadFiles, kept?: KeptTurns): Promise<ThreadHistory>;
  /**
   * A writer for a new thread: takes the lock and chooses the path, but creates no file yet. `atFirstWrite`: returns
   * members of the session_meta when it is written.
   */
  create(meta: SessionMeta, atFirstWrite?: () => Partial<SessionMeta>): Promise<ThreadWriter>;
  /**
   * A writer at the end of an existing thread: repairs an incomplete last line and decompresses `.zst`. Throws an error
   * of the store (`already has an active writer`).
   */
  open(files: ThreadFiles): Promise<ThreadWriter>;
  /**
   * Paginated: starts a segment that continues before `beforeTurnId`. From then on the new writer's file is the live
   * one (docs/protocol/threads.md §10).
   */
  revert(writer: ThreadWriter, beforeTurnId: string): Promise<ThreadWriter>;
  /**
   * A new thread that begins with the source's records up to a turn: a reference (paginated) or a copy (legacy). `end`:
   * index of the first turn that the fork does not include; null: it includes all turns.
   */
  fork(source: ThreadFiles, meta: SessionMeta, end: number | null): Promise<ThreadWriter>;
  /**
   * Moves every file of the thread. The caller must hold no writer on it. Throws an error of the store if another owner
   * does.
   */
  archive(files: ThreadFiles): Promise<ThreadFiles>;
  unarchive(files: ThreadFiles): Promise<ThreadFiles>;
  /**
   * Throws an error of the store if a fork refers to the thread. If only a writer of the caller prevents the deletion,
   * `release` is called, which must close it.
   */
  delete(files: ThreadFiles, release?: () => Promise<void>): Promise<void>;
}

const STORE_CODES = [
  'thread.not-found',
  'thread.locked',
  'thread.unreadable',
  'thread.referenced',
  'thread.lineage',
] as const satisfies readonly Code[];

/** An error about a thread's files that is reported to the client. */
export const storeError = (code: (typeof STORE_CODES)[number], message: string, details?: ErrorDetails): CodexdError =>
  new CodexdError(code, message, details);

/** Whether an error was made by `storeError`. */
export const isStoreError = (error: unknown): error is CodexdError => isCode(error, ...STORE_CODES);

export type { Thread };
