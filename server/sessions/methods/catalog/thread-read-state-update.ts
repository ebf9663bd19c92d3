/** thread/readState/update (docs/protocol/threads.md §9): from where on a thread is unread, for all clients alike. */
import { randomUUID } from 'node:crypto';
import type { ThreadReadState } from '../../../../schema/protocol/threads/thread-list.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { readStateOf } from '../../catalog/facts-state.js';
import { findThread, parseId, type CatalogDeps } from '../../live/catalog-deps.js';

/** Order: `thread/readState/changed` to the subscribers, the answer. */
export function threadReadStateUpdateHandler(deps: CatalogDeps): Handler<'thread/readState/update'> {
  const { catalog } = deps;
  return async ({ threadId, operation, expectedRevision }) => {
    const id = parseId(threadId, 'request.invalid-params');
    const thread = await findThread(deps, id);
    if (thread === null) throw invalidRequest(`thread not loaded: ${id}`);
    if (thread.files === null) throw invalidRequest('thread read state unavailable');
    const next: ThreadReadState = {
      firstUnread: operation.type === 'unread' ? { type: 'threadStart' } : null,
      revision: randomUUID(),
    };
    // Whether the revision was the expected one is decided where the facts of all daemons are put in order.
    const before = readStateOf(id, catalog.state().thread(id));
    const after =
      before.revision === expectedRevision
        ? readStateOf(id, catalog.write({ k: 'read', id, expected: expectedRevision, state: next }).thread(id))
        : before;
    if (after.revision !== next.revision)
      throw invalidRequest('read state changed', { reason: 'readStateConflict', readState: after });
    thread.live?.events.notify('thread/readState/changed', { threadId: id, readState: next });
    return { readState: next };
  };
}
