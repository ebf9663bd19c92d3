/**
 * thread/memoryMode/set (docs/protocol/threads.md §9), thread/memory/read (§1), memory/status and memory/reset (§15):
 * memories of threads for other threads.
 */
import { invalidParams } from '../../../errors/rpc-error.js';
import {
  findThread,
  noRolloutFor,
  notFound,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
} from '../../live/catalog-deps.js';
import { defineMethods } from '../../../rpc/connection/define-methods.js';
import { hasMemories, resetMemories } from './memory-files.js';

export interface MemoryDeps extends CatalogDeps {
  readonly codexHome: string;
}

/** How many threads the second generation of memories must have taken over, by default and at most. */
const ENOUGH_THREADS = 20;
const MOST_THREADS = 4096;

export const memoryMethods = defineMethods((deps: MemoryDeps) => {
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
    /** codexd consolidates none: the second generation is ready where the first has nothing for it. */
    'memory/status': ({ minConsolidatedThreads }) => {
      const least = minConsolidatedThreads ?? ENOUGH_THREADS;
      if (least < 1 || least > MOST_THREADS) {
        throw invalidParams(`minConsolidatedThreads must be between 1 and ${MOST_THREADS}`);
      }
      return { v2ConsolidatedThreads: 0, v2Ready: !hasMemories(deps.codexHome) };
    },
    'memory/reset': () => {
      resetMemories(deps.codexHome);
      return {};
    },
  };
});
