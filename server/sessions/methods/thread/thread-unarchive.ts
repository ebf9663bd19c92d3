/** thread/unarchive (docs/protocol/threads.md §8). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { fromStore, noRollout, sessionId, storedThread, type LifecycleDeps } from './lifecycle.js';

/** Order: the answer, `thread/unarchived` to all. */
export function threadUnarchiveHandler(deps: LifecycleDeps): Handler<'thread/unarchive'> {
  const { threads, store, catalog, outbox } = deps;
  return async ({ threadId }, _caller, context) => {
    const id = sessionId(threadId);
    return threads.exclusively(id, async () => {
      const files = await store.find(id);
      if (files?.archived !== true) throw invalidRequest(`no archived rollout found for thread id ${id}`);
      await fromStore(() => store.unarchive(files));
      catalog.touched(id);
      const thread = await storedThread(deps, id);
      if (thread === null) throw noRollout(id);
      context.afterAnswer(() => outbox.broadcast('thread/unarchived', { threadId: id }));
      return { thread };
    });
  };
}
