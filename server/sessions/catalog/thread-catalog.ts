/**
 * Queries about threads that need no open thread: the index of all rollouts, and the facts that are not in rollouts
 * (names, goals, sections, attachments, read states, …).
 *
 * The index is a cache of the rollouts. It is rebuilt if it is missing, stale or corrupt. The facts are in a journal of
 * their own. Both work with several daemons and the official program on one Codex home (docs/protocol/threads.md §4,
 * §9, §12.4).
 */
import type { ThreadGoal } from '../../../schema/protocol/threads/thread-goal.js';
import type { ThreadReadState } from '../../../schema/protocol/threads/thread-list.js';
import type { ThreadSection } from '../../../schema/protocol/threads/thread-section.js';
import type { GitInfo } from '../../../schema/protocol/threads/thread.js';
import type { ThreadHead } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';

/** The facts about one thread that are not in its rollout. */
export interface ThreadFacts {
  readonly name: string | null;
  readonly goal: ThreadGoal | null;
  readonly section: ThreadSection | null;
  readonly sectionEnteredAt: number | null;
  readonly memoryMode: 'enabled' | 'disabled' | null;
  /** An edit by metadata/update; undefined: the rollout's value counts. */
  readonly gitInfo: GitInfo | null | undefined;
  readonly daybreakEnabled: boolean | null;
  readonly projectId: string | null;
  /** A goal's objective that replaces the first user message if the thread has none (docs/protocol/threads.md §4). */
  readonly preview?: string | null;
  readonly readState: ThreadReadState;
}

export interface CatalogRow {
  readonly head: ThreadHead;
  readonly facts: ThreadFacts;
  /** The model and effort of the last turn, if the index knows them. */
  readonly model: string | null;
  readonly effort: string | null;
  /** The time of the last turn, in milliseconds since the epoch; absent: the same as `head.updatedAtMs`. */
  readonly recencyAtMs?: number;
}

export interface ThreadCatalog {
  /** The facts of one thread, which may have no rollout. */
  facts(id: ThreadId): Promise<ThreadFacts>;
  /** The name is on disk when the promise resolves. */
  setName(id: ThreadId, name: string): Promise<void>;
  /** A thread's file was created, extended, moved or removed in this process: the index learns it without a scan. */
  touched(id: ThreadId): void;
  removed(id: ThreadId): Promise<void>;
  /** Copies the facts that a fork inherits: the name, the project, a preview (docs/protocol/threads.md §7). */
  copyFacts(from: ThreadId, to: ThreadId): Promise<void>;
  /**
   * A turn has ended, so the thread has something unread (docs/protocol/threads.md §9 readState). Null: nothing
   * changed.
   */
  turnEnded(id: ThreadId, turnId: string): Promise<ThreadReadState | null>;
  close(): Promise<void>;
}
