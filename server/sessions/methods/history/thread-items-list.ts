/** thread/items/list (docs/protocol/threads.md §5). */
import type { ThreadItemEntry, ThreadItemOutputDeferral } from '../../../../schema/protocol/threads/thread-history.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidParams } from '../../../errors/rpc-error.js';
import { itemsPage } from '../../store/history/history-pages.js';
import { notPaginated, requirePaginated, withPast, type PastOptions } from './thread-past.js';

const METHOD = 'thread/items/list';

export function threadItemsListHandler(options: PastOptions): Handler<'thread/items/list'> {
  return ({ threadId, deferOutput, ...request }) => {
    if (request.cursor !== null && typeof request.cursor === 'object' && request.turnId === null)
      throw invalidParams('turnId is required when cursor is an item anchor');
    return withPast(
      options,
      threadId,
      () => notPaginated(METHOD),
      async ({ id, history }) => {
        requirePaginated(history, METHOD);
        const page = await itemsPage(id, history, request);
        return { ...page, data: page.data.map((entry) => deferred(entry, deferOutput)) };
      },
    );
  };
}

/** Bulk output that the client will ask for with thread/items/read. */
function deferred(entry: ThreadItemEntry, defer: ThreadItemOutputDeferral | null): ThreadItemEntry {
  const { item } = entry;
  if (defer?.commandExecution === true && item.type === 'commandExecution' && (item.aggregatedOutput ?? null) !== null)
    return { ...entry, item: { ...item, aggregatedOutput: null }, outputDeferred: true };
  if (defer?.mcpToolCall === true && item.type === 'mcpToolCall' && (item.result ?? null) !== null)
    return { ...entry, item: { ...item, result: null }, outputDeferred: true };
  return entry;
}
