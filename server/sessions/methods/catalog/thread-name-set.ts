/** thread/name/set (docs/protocol/threads.md §9). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import {
  announce,
  findThread,
  noRolloutFor,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
} from '../../live/catalog-deps.js';

/** Order: the answer, `thread/name/updated` to all. A thread that has said nothing gets its file. */
export function threadNameSetHandler(deps: CatalogDeps): Handler<'thread/name/set'> {
  return async ({ threadId, name: asked }, _caller, context) => {
    const id = parseId(threadId);
    const name = asked.trim();
    if (name === '') throw invalidRequest('thread name must not be empty');
    const thread = await findThread(deps, id);
    if (thread === null || thread.files?.archived === true) throw noRolloutFor(id);
    refuseEphemeral(thread, 'metadata updates');
    if (thread.files === null) {
      thread.live?.writer?.append([]);
      deps.catalog.touched(id);
    }
    await deps.catalog.setName(id, name);
    context.afterAnswer(() => announce(deps, id, 'thread/name/updated', { threadId: id, threadName: name }));
    return {};
  };
}
