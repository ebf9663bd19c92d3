/** thread/search (docs/protocol/threads.md §5): threads in which something was said, and where. */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { NO_FILTER } from '../../catalog/thread-query.js';
import { pageSize, type CatalogDeps } from '../../live/catalog-deps.js';
import { listedThread } from './listed-thread.js';

/** Of every provider; without sub-agents, unless they are asked for. */
export function threadSearchHandler(deps: CatalogDeps): Handler<'thread/search'> {
  return async ({ searchTerm, archived, sourceKinds, sortKey, sortDirection, limit, cursor }) => {
    if (searchTerm.trim() === '') throw invalidRequest('thread/search requires a non-empty searchTerm');
    const { found, nextCursor, backwardsCursor } = await deps.catalog.search({
      term: searchTerm,
      filter: {
        ...NO_FILTER,
        archived: archived ?? false,
        kinds: sourceKinds === null || sourceKinds.length === 0 ? null : new Set(sourceKinds),
      },
      sortKey: sortKey ?? 'created_at',
      descending: sortDirection !== 'asc',
      limit: pageSize(limit),
      cursor,
    });
    const provider = deps.defaultProvider();
    return {
      data: found.map(({ row, snippet }) => ({ thread: listedThread(deps.threads, row, provider), snippet })),
      nextCursor,
      backwardsCursor,
    };
  };
}
