/** The threads that are loaded in this daemon. */
import type { SessionMeta } from '../store/records/rollout-record.js';
import type { ThreadWriter } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { LiveThread, ThreadState } from './live-thread.js';
import type { ThreadTokenUsage } from '../../../schema/protocol/threads/thread-usage.js';

export interface LoadOptions {
  readonly id: ThreadId;
  readonly meta: SessionMeta;
  readonly state: ThreadState;
  /** Null: ephemeral. */
  readonly writer: ThreadWriter | null;
  readonly tokenUsage?: ThreadTokenUsage | null;
  /** What brings it here, for the log; absent: `resumed`. */
  readonly how?: 'started' | 'resumed' | 'forked' | 'reverted';
}

/** Loaded threads, turns that run in them, and questions to people that are open. */
export interface LiveCounts {
  readonly loaded: number;
  readonly running: number;
  readonly questions: number;
}

export interface LiveThreads {
  get(id: ThreadId): LiveThread | null;
  ids(): Iterable<ThreadId>;
  /** Throws when it is loaded already. The status starts idle; nothing is told. */
  load(options: LoadOptions): LiveThread;
  /**
   * Interrupts what runs, closes the writer, forgets the thread, and tells `thread/status/changed notLoaded` to all.
   * `closed`: also `thread/closed` (docs/protocol/threads.md §8 unsubscribe).
   */
  unload(id: ThreadId, options?: { readonly closed?: boolean }): Promise<void>;
  /**
   * One after the other for one thread: resume, archive, delete, revert, unload. The work may load and unload it.
   * What only appends does not need it.
   */
  exclusively<T>(id: ThreadId, work: () => Promise<T>): Promise<T>;
  /**
   * A turn runs in some thread, and not only waits for a person: the daemon waits for it before it ends
   * (server/rpc/endings.ts).
   */
  busy(): boolean;
  idle(): Promise<void>;
  counts(): LiveCounts;
  close(): Promise<void>;
}
