/** The threads that are loaded in this daemon. */
import type { SessionMeta } from '../store/records/rollout-record.js';
import type { ThreadWriter } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { LiveThread, LoadReason, ThreadState } from './live-thread.js';
import type { ThreadTokenUsage } from '../../../schema/protocol/threads/thread-usage.js';

export interface LoadOptions {
  readonly id: ThreadId;
  readonly meta: SessionMeta;
  readonly state: ThreadState;
  /** Null: ephemeral. */
  readonly writer: ThreadWriter | null;
  readonly tokenUsage?: ThreadTokenUsage | null;
  /** Why the thread is loaded, for the log; absent: `resumed`. */
  readonly how?: LoadReason;
}

/** The numbers of loaded threads, running turns, and open questions to people. */
export interface LiveCounts {
  readonly loaded: number;
  readonly running: number;
  readonly questions: number;
}

export interface UnloadOptions {
  /** Also sends `thread/closed` (docs/protocol/threads.md §8 unsubscribe). */
  readonly closed?: boolean;
  /** Tells nobody: nobody has heard of the thread yet. */
  readonly untold?: boolean;
}

export interface LiveThreads {
  get(id: ThreadId): LiveThread | null;
  ids(): Iterable<ThreadId>;
  /** Throws if the thread is loaded already. The status starts as idle; no notification is sent. */
  load(options: LoadOptions): LiveThread;
  /**
   * Interrupts the running turn, closes the writer, removes the thread, and sends `thread/status/changed notLoaded` to
   * all.
   */
  unload(id: ThreadId, options?: UnloadOptions): Promise<void>;
  /**
   * Runs the work of one thread one after the other: resume, archive, delete, revert, unload. The work may load and
   * unload the thread. Work that only appends does not need it.
   */
  exclusively<T>(id: ThreadId, work: () => Promise<T>): Promise<T>;
  /**
   * A turn is running in some thread, and it does not only wait for a person: the daemon waits for it before it ends
   * (server/rpc/endings.ts).
   */
  busy(): boolean;
  idle(): Promise<void>;
  counts(): LiveCounts;
  close(): Promise<void>;
}
