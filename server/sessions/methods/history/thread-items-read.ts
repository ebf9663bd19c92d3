/** thread/items/read (docs/protocol/threads.md §5). */
import type { ThreadItemEntry } from '../../../../schema/protocol/threads/thread-history.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { notPaginated, requirePaginated, withPast, type PastOptions } from './thread-past.js';

const METHOD = 'thread/items/read';
const MAX_IDS = 100;

/** In the order of the history; ids that the turn does not have are left out. */
export function threadItemsReadHandler(options: PastOptions): Handler<'thread/items/read'> {
  return ({ threadId, turnId, itemIds }) => {
    if (itemIds.length === 0 || itemIds.length > MAX_IDS)
      throw invalidRequest(`itemIds must contain 1 to ${MAX_IDS} IDs`);
    return withPast(
      options,
      threadId,
      () => notPaginated(METHOD),
      async ({ history }) => {
        requirePaginated(history, METHOD);
        const wanted = new Set(itemIds);
        const data: ThreadItemEntry[] = [];
        for await (const { position: _position, ...entry } of history.items({ turnId })) {
          if (wanted.has(entry.item.id)) data.push(entry);
        }
        return { data };
      },
    );
  };
}
