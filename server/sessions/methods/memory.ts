/**
 * thread/memoryMode/set (docs/protocol/threads.md §9) and thread/memory/read (§1): memories of a thread for other
 * threads.
 */
import {
  findThread,
  noRolloutFor,
  notFound,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
} from '../live/catalog-deps.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const memoryMethods = defineMethods((deps: CatalogDeps) => {
  return {
    /** Whether other threads may remember a thread. */
    'thread/memoryMode/set': async ({ threadId, mode }) => {
      const id = parseId(threadId);
      const thread = await findThread(deps, id);
      if (thread === null || thread.files?.archived === true) throw noRolloutFor(id);
      refuseEphemeral(thread, 'metadata updates');
      deps.catalog.write({ k: 'memory', id, mode });
      return {};
    },
    /** codexd makes no summaries of threads for others, so no thread has one. */
    'thread/memory/read': async ({ threadId }) => {
      const id = parseId(threadId);
      if ((await findThread(deps, id)) === null) throw notFound(id);
      return { summary: null };
    },
  };
});
