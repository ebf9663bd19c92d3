/**
 * thread/read (docs/protocol/threads.md §5): returns a thread, loaded or not, archived or not. It loads and subscribes
 * nothing.
 */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { WrittenTurns } from '../../store/records/turn-record.js';
import type { ThreadStore } from '../../store/records/thread-store.js';
import {
  discourageWholeHistories,
  filesOf,
  fromStore,
  loadedThread,
  storedThread,
  wholeHistory,
  type LifecycleDeps,
} from './lifecycle-common.js';
import { canonicalId } from '../../live/live-thread-of.js';

export function threadReadHandler(deps: LifecycleDeps): Handler<'thread/read'> {
  const { threads, store, catalog } = deps;
  return async ({ threadId, includeTurns }, caller) => {
    const id = canonicalId(threadId);
    const live = threads.get(id);
    if (live !== null) {
      const turns = includeTurns ? await loadedTurns(store, live) : null;
      if (includeTurns && live.writer?.historyMode === 'paginated') discourageWholeHistories(caller);
      const [thread, { readState }] = await Promise.all([loadedThread(deps, live), catalog.facts(id)]);
      const result = { thread, readState };
      return turns === null ? result : turns.into(result);
    }
    const [thread, { readState }] = await Promise.all([storedThread(deps, id), catalog.facts(id)]);
    if (thread === null) throw invalidRequest(`thread not loaded: ${id}`);
    if (!includeTurns) return { thread, readState };
    const turns = await fromStore(async () => {
      const files = thread.path === null || thread.path === undefined ? null : await store.at(thread.path);
      if (files === null) throw invalidRequest(`thread not loaded: ${id}`);
      return wholeHistory(store, files);
    });
    if (thread.historyMode === 'paginated') discourageWholeHistories(caller);
    return turns.into({ thread, readState });
  };
}

/** All turns of a loaded thread, including the running one. Throws RpcError if there are none to read. */
async function loadedTurns(store: ThreadStore, live: LiveThread): Promise<WrittenTurns> {
  if (live.writer === null) throw invalidRequest('ephemeral threads do not support includeTurns');
  if (!live.writer.exists) {
    throw invalidRequest(
      `thread ${live.id} is not materialized yet; includeTurns is unavailable before first user message`,
    );
  }
  const meanwhile = live.collectEnded();
  try {
    const read = await fromStore(async () => {
      const files = await filesOf(store, live.id, live);
      if (files === null) throw invalidRequest(`no rollout found for thread id ${live.id}`);
      return wholeHistory(store, files);
    });
    for (const turn of meanwhile.turns) read.put(turn);
    if (live.turn !== null) read.put(live.turn.snapshot('full'));
    return read;
  } finally {
    meanwhile.stop();
  }
}
