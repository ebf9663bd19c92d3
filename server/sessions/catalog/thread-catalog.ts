/**
 * What can be asked about threads without opening one: the index of all rollouts, and the facts that no rollout tells
 * (names, goals, sections, attachments, read states, …).
 *
 * The index is a cache of the rollouts: rebuilt when missing, stale or corrupt. The facts are a journal of their own.
 * Both are safe with several daemons and the official program on one home (docs/protocol/threads.md §4, §9, §12.4).
 */
import type { ThreadGoal } from '../../../schema/protocol/threads/thread-goal.js';
import type { ThreadReadState } from '../../../schema/protocol/threads/thread-list.js';
import type { ThreadSection } from '../../../schema/protocol/threads/thread-section.js';
import type { GitInfo } from '../../../schema/protocol/threads/thread.js';
import type { ThreadHead } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';

/** What stands beside the rollout of one thread. */
export interface ThreadFacts {
  readonly name: string | null;
  readonly goal: ThreadGoal | null;
  readonly section: ThreadSection | null;
  readonly sectionEnteredAt: number | null;
  readonly memoryMode: 'enabled' | 'disabled' | null;
  /** An edit by metadata/update; absent members fall back on the rollout's. */
  readonly gitInfo: GitInfo | null | undefined;
  readonly daybreakEnabled: boolean | null;
  readonly projectId: string | null;
  /**
   * A goal's objective that stands for the first user message of a thread that had none (docs/protocol/threads.md §4).
   */
  readonly preview?: string | null;
  readonly readState: ThreadReadState;
}

export interface CatalogRow {
  readonly head: ThreadHead;
  readonly facts: ThreadFacts;
  /** Model and effort as last used, where the index knows them. */
  readonly model: string | null;
  readonly effort: string | null;
  /** Milliseconds since the epoch of the last turn; absent: as `head.updatedAtMs`. */
  readonly recencyAtMs?: number;
}

export interface ThreadCatalog {
  /** Of one thread, also of one without a rollout. */
  facts(id: ThreadId): Promise<ThreadFacts>;
  /** Durable when it resolves. */
  setName(id: ThreadId, name: string): Promise<void>;
  /** A thread's file appeared, grew, moved or went in this process: no scan is needed to know of it. */
  touched(id: ThreadId): void;
  removed(id: ThreadId): Promise<void>;
  /** A fork starts with its source's name (docs/protocol/threads.md §7). */
  copyFacts(from: ThreadId, to: ThreadId): Promise<void>;
  /** A turn has ended with nobody having read it (docs/protocol/threads.md §9 readState). Null when nothing changed. */
  turnEnded(id: ThreadId, turnId: string): Promise<ThreadReadState | null>;
  close(): Promise<void>;
}
