/**
 * thread/memory/read (docs/protocol/threads.md §1): codexd makes no summaries of threads for others, so that none has
 * one.
 */
import type { Handler } from '../../../rpc/connection/caller.js';
import { findThread, notFound, parseId, type CatalogDeps } from '../../live/catalog-deps.js';

export function threadMemoryReadHandler(deps: CatalogDeps): Handler<'thread/memory/read'> {
  return async ({ threadId }) => {
    const id = parseId(threadId);
    if ((await findThread(deps, id)) === null) throw notFound(id);
    return { summary: null };
  };
}
