/**
 * The history of the thread that a request names, for the methods that page through it (docs/protocol/threads.md §1,
 * §5).
 */
import type { Turn } from '../../../../schema/protocol/threads/turn.js';
import { notSupported, type RpcError } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { type ThreadFiles, type ThreadHistory, type ThreadStore } from '../../store/records/thread-store.js';
import type { ThreadId } from '../../store/records/thread-id.js';
import { canonicalId } from '../../live/live-thread-of.js';

export interface PastOptions {
  readonly store: ThreadStore;
  readonly threads: Pick<LiveThreads, 'get'>;
}

export interface ThreadPast {
  readonly id: ThreadId;
  readonly history: ThreadHistory;
}

/**
 * Reads a thread's history for `work`. If a turn begins or ends meanwhile, `work` runs again, so the answer shows a
 * single moment. Throws RpcError, errors of the store and those of pages.
 */
export async function withPast<T>(
  { store, threads }: PastOptions,
  threadId: string,
  missing: (id: ThreadId, live: LiveThread | null) => RpcError,
  work: (past: ThreadPast) => Promise<T>,
): Promise<T> {
  const id = canonicalId(threadId);
  for (let attempt = 1; ; attempt++) {
    const live = threads.get(id);
    const running = live?.turn?.id ?? null;
    const files = live?.ephemeral === true ? null : await filesOf(store, id, live);
    if (files === null) throw missing(id, live);
    const result = await work({ id, history: await store.history(files) });
    if ((threads.get(id)?.turn?.id ?? null) === running || attempt === MAX_ATTEMPTS) return result;
  }
}

/** If turns begin and end faster than they are read, the answer is that of the last attempt. */
const MAX_ATTEMPTS = 4;

/** The file has no end of the running turn. The answer shows the turn as its subscribers see it. */
export function withRunning(threads: Pick<LiveThreads, 'get'>, id: ThreadId, turns: readonly Turn[]): Turn[] {
  const running = threads.get(id)?.turn ?? null;
  if (running === null) return [...turns];
  return turns.map((turn) => (turn.id === running.id ? running.snapshot(turn.itemsView ?? 'full') : turn));
}

/** The methods that read items support only paginated threads on disk (docs/protocol/threads.md §1). */
export function notPaginated(method: string): RpcError {
  return notSupported(`${method} is not supported yet`);
}

export function requirePaginated(history: ThreadHistory, method: string): void {
  if (history.historyMode !== 'paginated') throw notPaginated(method);
}

async function filesOf(store: ThreadStore, id: ThreadId, live: LiveThread | null): Promise<ThreadFiles | null> {
  if (live === null) return store.find(id);
  const { writer } = live;
  if (writer === null || !writer.exists) return null;
  return store.at(writer.path);
}
