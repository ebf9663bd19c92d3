/** thread/delete (docs/protocol/threads.md §8). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { filesOf, fromStore, noRollout, type LifecycleDeps } from './lifecycle.js';
import { canonicalId } from '../../live/live-thread-of.js';
import { unloadLost } from './unload-lost.js';

/**
 * Order: what runs ends, status notLoaded; the answer; `thread/deleted` to all. A thread whose history others go on
 * from stays, and stays loaded.
 */
export function threadDeleteHandler(deps: LifecycleDeps): Handler<'thread/delete'> {
  const { threads, store, catalog, outbox } = deps;
  return async ({ threadId }, _caller, context) => {
    const id = canonicalId(threadId);
    return threads.exclusively(id, async () => {
      const lost = await unloadLost(threads, id);
      const live = threads.get(id);
      if (live?.ephemeral === true) {
        throw invalidRequest(`thread is not persisted and cannot be deleted: ${id}`);
      }
      const files = await filesOf(store, id, live);
      if (files === null && live === null && !lost) throw noRollout(id);
      if (files === null) await threads.unload(id);
      else await fromStore(() => store.delete(files, () => threads.unload(id)));
      await catalog.removed(id);
      context.afterAnswer(() => outbox.broadcast('thread/deleted', { threadId: id }));
      return {};
    });
  };
}
