/**
 * Threads on disk (docs/protocol/threads.md §12). The rollout files are the truth; nothing here answers from a cache
 * that could say something else.
 */
import { type Code } from '../../../errors/codes.js';
import { CodexdError, isCode, type ErrorDetails } from '../../../errors/codexd-error.js';
import type { Thread } from '../../../../schema/protocol/threads/thread.js';
import type { ResponseItem } from '../../../../schema/protocol/threads/response-item.js';
import type { ThreadItemEntry, ThreadTimelineEntry } from '../../../../schema/protocol/threads/thread-history.js';
import type { ThreadTokenUsage } from '../../../../schema/protocol/threads/thread-usage.js';
import type { Turn, TurnItemsView } from '../../../../schema/protocol/threads/turn.js';
import type { ThreadId } from './thread-id.js';
import type { HistoryMode, NewRecord, SessionMeta } from './rollout-record.js';

/** The files of one thread. */
export interface ThreadFiles {
  readonly id: ThreadId;
  /** The live file: the newest segment. As announced to clients (`.jsonl`), also when only the `.zst` form exists. */
  readonly path: string;
  /** What is really read: `path`, or `path` + `.zst`. */
  readonly stored: string;
  readonly archived: boolean;
  /** Every file of the thread, older segments first, `path` last. */
  readonly segments: readonly string[];
}

/** What the first records of a file tell, enough for a list (docs/protocol/threads.md §2, §4). */
export interface ThreadHead {
  readonly id: ThreadId;
  readonly files: ThreadFiles;
  readonly meta: SessionMeta;
  readonly historyMode: HistoryMode;
  /** The first user message; empty while there is none (a goal may stand in for it: the catalog's business). */
  readonly preview: string;
  /** There is a user message: the thread is listed. */
  readonly hasUserMessage: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A thread's past, read from its files; a snapshot of the moment it was opened, unless `refresh` is called. */
export interface ThreadHistory {
  readonly meta: SessionMeta;
  readonly historyMode: HistoryMode;
  readonly turnCount: number;
  /** Picks up what was appended since. */
  refresh(): Promise<void>;
  /** Turns in order of time, from index `from` (inclusive) to `to` (exclusive). */
  turns(from: number, to: number, view: TurnItemsView): Promise<Turn[]>;
  /** Index of a turn; -1 when there is none with that id. */
  indexOfTurn(turnId: string): number;
  /** Throws RangeError. */
  turnIdAt(index: number): string;
  /**
   * The position of a turn: the ordinal of what opened it (paginated), or its record's number. Rises with the index.
   */
  positionOfTurn(index: number): number;
  /** Every item, oldest first, of one turn or of all; lazily read. */
  items(options?: ItemsOptions): AsyncIterable<PositionedItem>;
  /** Beginnings and ends of turns, and items, in order of their positions. */
  timeline(options?: Pick<ItemsOptions, 'backwards' | 'from'>): AsyncIterable<ThreadTimelineEntry>;
  /**
   * What the model is sent: after compactions and rollbacks, with missing outputs filled in
   * (docs/protocol/threads.md §12.3).
   */
  /** `before`: index of the first turn that does not count any more. */
  modelHistory(before?: number): Promise<ResponseItem[]>;
  /**
   * The last of `thread_settings_applied` and `turn_context`, merged as docs/protocol/threads.md §12.2 says; absent
   * members were never written.
   */
  settings(): Promise<StoredSettings>;
  /** From the last token_count; null when there was none. */
  tokenUsage(): Promise<ThreadTokenUsage | null>;
}

export interface ItemsOptions {
  readonly turnId?: string;
  readonly backwards?: boolean;
  /**
   * A position to begin near: what lies before it (backwards: after it) may be left out, as far as that saves reading.
   */
  readonly from?: number;
  /** Only what users and agents said. */
  readonly messagesOnly?: boolean;
}

export interface PositionedItem extends ThreadItemEntry {
  /** The ordinal of its record (paginated) or its record's number (legacy): rises along the thread. */
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
  /** The profile or legacy policy as it was written, for whoever can restore it. */
  readonly permissionProfile?: unknown;
  readonly sandboxPolicy?: unknown;
  /** Of thread_settings_applied only: what a turn_context says does not stick (docs/protocol/threads.md §6). */
  readonly cwd?: string;
  readonly runtimeWorkspaceRoots?: readonly string[];
  readonly disabledPluginIds?: readonly string[];
  readonly collaborationMode?: unknown;
  readonly serviceTier?: string | null;
  readonly personality?: string | null;
}

/** The one who may append to a thread: holds its writer lock until `close` (docs/protocol/threads.md §12.5). */
export interface ThreadWriter {
  readonly id: ThreadId;
  readonly path: string;
  /**
   * False until the first append made the file (docs/protocol/threads.md §3: a thread that has said nothing is not on
   * disk).
   */
  readonly exists: boolean;
  readonly historyMode: HistoryMode;
  /**
   * What somebody else did to its file: nothing can be appended any more, and the thread has to be loaded anew from
   * what is there now. Null: nothing. A file that was moved away as it is stays this writer's.
   */
  readonly lost: 'removed' | 'replaced' | 'cut off' | null;
  /** The ordinal that the next record gets; 0 in legacy files. */
  readonly nextOrdinal: number;
  /**
   * Appends the records, whole lines in one write; when it returns they are in the file (they survive kill -9), so that
   * a client may be told. Synchronous on purpose: the order of calls is the order on disk and on the wire.
   * Throws when the disk refuses; nothing of a record that failed is left behind.
   */
  append(records: readonly NewRecord[]): void;
  /** Flushes to the device (end of a turn, archive, close). */
  sync(): Promise<void>;
  /** Flushes, closes and gives the lock back. */
  close(): Promise<void>;
}

export interface ThreadStore {
  /** Finds a thread's files by id; null when there is none. */
  find(id: ThreadId): Promise<ThreadFiles | null>;
  /** The files behind one path, wherever it lies (docs/protocol/threads.md §6). Throws an error of the store. */
  at(path: string): Promise<ThreadFiles>;
  head(files: ThreadFiles): Promise<ThreadHead>;
  history(files: ThreadFiles): Promise<ThreadHistory>;
  /**
   * A writer for a new thread: takes the lock, announces the path, makes no file yet. `atFirstWrite`: what is then
   * found out for the file's session_meta.
   */
  create(meta: SessionMeta, atFirstWrite?: () => Partial<SessionMeta>): Promise<ThreadWriter>;
  /**
   * A writer at the end of what is there: mends a torn tail, turns `.zst` into plain. Throws an error of the store
   * (`already has an active writer`).
   */
  open(files: ThreadFiles): Promise<ThreadWriter>;
  /**
   * Paginated: a segment that goes on before `beforeTurnId`; the returned files are live from then on
   * (docs/protocol/threads.md §10).
   */
  revert(writer: ThreadWriter, beforeTurnId: string): Promise<ThreadWriter>;
  /**
   * A new thread that begins with the source's records up to a turn: a reference (paginated) or a copy (legacy).
   * `end`: exclusive index of the first turn that is not taken over; null takes all.
   */
  fork(source: ThreadFiles, meta: SessionMeta, end: number | null): Promise<ThreadWriter>;
  /**
   * Moves every file of the thread; the caller holds no writer on it. Throws an error of the store when somebody else
   * does.
   */
  archive(files: ThreadFiles): Promise<ThreadFiles>;
  unarchive(files: ThreadFiles): Promise<ThreadFiles>;
  /**
   * Throws an error of the store while a fork refers to it. `release` is called when nothing stands in the way but a
   * writer of the caller's own, which it closes.
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

/** Something about the files of a thread that a client must be told. */
export const storeError = (code: (typeof STORE_CODES)[number], message: string, details?: ErrorDetails): CodexdError =>
  new CodexdError(code, message, details);

/** Whether it is one of these. */
export const isStoreError = (error: unknown): error is CodexdError => isCode(error, ...STORE_CODES);

export type { Thread };
