/**
 * Starts, resumes, forks, archives and deletes threads (docs/protocol/threads.md §3, §6 to §8). The longer handlers
 * have files of their own.
 */
import {
  filesOf,
  fromStore,
  noRollout,
  sessionId,
  storedThread,
  unloadLost,
  type LifecycleDeps,
} from './thread/lifecycle-common.js';
import type { QueueDeps } from '../agenda/thread-queue.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { canonicalId } from '../live/live-thread-of.js';
import { threadStartHandler } from './thread/thread-start.js';
import { threadResumeHandler } from './thread/thread-resume.js';
import { threadForkHandler } from './thread/thread-fork.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const lifecycleMethods = defineMethods((deps: LifecycleDeps & QueueDeps) => {
  const { threads, store, catalog, outbox } = deps;
  return {
    'thread/start': threadStartHandler(deps),
    'thread/resume': threadResumeHandler(deps),
    'thread/fork': threadForkHandler(deps),
    /** Order: the running turn ends, status notLoaded; the answer; `thread/archived` to all. */
    'thread/archive': async ({ threadId }, _caller, context) => {
      const id = sessionId(threadId);
      return threads.exclusively(id, async () => {
        await unloadLost(threads, id);
        const live = threads.get(id);
        if (live?.ephemeral === true) throw noRollout(id);
        // A thread without content has no file: it gets one, which is then moved.
        live?.writer?.append([]);
        const files = await filesOf(store, id, live);
        if (files === null || files.archived) throw noRollout(id);
        await threads.unload(id);
        await fromStore(() => store.archive(files));
        catalog.touched(id);
        context.afterAnswer(() => outbox.broadcast('thread/archived', { threadId: id }));
        return {};
      });
    },
    /** Order: the answer, `thread/unarchived` to all. */
    'thread/unarchive': async ({ threadId }, _caller, context) => {
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
    },
    /**
     * Order: the running turn ends, status notLoaded; the answer; `thread/deleted` to all. A thread whose history
     * another one continues is not deleted, and stays loaded.
     */
    'thread/delete': async ({ threadId }, _caller, context) => {
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
    },
  };
});
