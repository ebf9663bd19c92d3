/** thread/memoryMode/set (docs/protocol/threads.md §9): whether a thread may be remembered in others. */
import type { Handler } from '../../../rpc/connection/caller.js';
import { findThread, noRolloutFor, parseId, refuseEphemeral, type CatalogDeps } from '../../live/catalog-deps.js';

export function threadMemoryModeSetHandler(deps: CatalogDeps): Handler<'thread/memoryMode/set'> {
  return async ({ threadId, mode }) => {
    const id = parseId(threadId);
    const thread = await findThread(deps, id);
    if (thread === null || thread.files?.archived === true) throw noRolloutFor(id);
    refuseEphemeral(thread, 'metadata updates');
    deps.catalog.write({ k: 'memory', id, mode });
    return {};
  };
}
