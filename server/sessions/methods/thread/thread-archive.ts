/** thread/archive (docs/protocol/threads.md §8). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { filesOf, fromStore, noRollout, sessionId, type LifecycleDeps } from './lifecycle.js';
import { unloadLost } from './unload-lost.js';

/** Order: what runs ends, status notLoaded; the answer; `thread/archived` to all. */
export function threadArchiveHandler(deps: LifecycleDeps): Handler<'thread/archive'> {
  const { threads, store, catalog, outbox } = deps;
  return async ({ threadId }, _caller, context) => {
    const id = sessionId(threadId);
    return threads.exclusively(id, async () => {
      await unloadLost(threads, id);
      const live = threads.get(id);
      if (live?.ephemeral === true) throw noRollout(id);
      // A thread that has said nothing yet has no file: it gets one, to be moved.
      live?.writer?.append([]);
      const files = await filesOf(store, id, live);
      if (files === null || files.archived) throw noRollout(id);
      await threads.unload(id);
      await fromStore(() => store.archive(files));
      catalog.touched(id);
      context.afterAnswer(() => outbox.broadcast('thread/archived', { threadId: id }));
      return {};
    });
  };
}
