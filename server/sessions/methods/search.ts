/**
 * thread/search, which finds threads by the text of their messages, and thread/search/stream, which also tells them as
 * they are found (docs/protocol/threads.md §5).
 */
import type { RequestParams } from '../../../schema/registry.js';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import type { FoundThread } from '../catalog/catalog.js';
import { NO_FILTER } from '../catalog/thread-query.js';
import { pageSize } from '../live/catalog-deps.js';
import { listedThread } from '../live/thread-object.js';
import type { ListDeps } from './list.js';

type Params = RequestParams<'thread/search'>;
type Id = RequestContext['requestId'];

/** Of thread/search/stream; in UTF-8. */
const MAX_TERM_BYTES = 65_536;

export const searchMethods = defineMethods((deps: ListDeps) => {
  const running = { plain: createRunning(), stream: createRunning() };

  /** Threads of every provider; without sub-agents, unless the request names them. */
  async function search(params: Params, signal: AbortSignal, onFound?: (found: FoundThread) => void) {
    const { searchTerm, archived, sourceKinds, sortKey, sortDirection, limit, cursor } = params;
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
      signal,
      ...(onFound === undefined ? {} : { onFound }),
    });
    return { data: found.map(result), nextCursor, backwardsCursor };
  }
  const result = ({ row, snippet }: FoundThread) => ({
    thread: listedThread(deps.threads, row, deps.defaultProvider()),
    snippet,
  });

  return {
    'thread/search': (params, caller, { requestId }) => {
      requireTerm(params);
      return running.plain.run(caller, requestId, (signal) => search(params, signal));
    },
    'thread/search/stream': (params, caller, { requestId }) => {
      requireTerm(params);
      if (Buffer.byteLength(params.searchTerm.trim()) > MAX_TERM_BYTES)
        throw invalidParams(`thread/search/stream searchTerm exceeds ${MAX_TERM_BYTES} UTF-8 bytes`);
      const tell = (found: FoundThread): void => {
        // The protocol's ids have 53 bits. With a larger one the client gets the answer alone, which is complete.
        if (typeof requestId === 'bigint') return;
        caller.notify('thread/search/partial', { requestId, data: [result(found)] });
      };
      return running.stream.run(caller, requestId, (signal) => search(params, signal, tell));
    },
    'thread/search/cancel': ({ requestId }, caller) => running.plain.cancel(caller, requestId),
    'thread/search/stream/cancel': ({ requestId }, caller) => running.stream.cancel(caller, requestId),
  };
});

function requireTerm({ searchTerm }: Params): void {
  if (searchTerm.trim() === '') throw invalidRequest('thread/search requires a non-empty searchTerm');
}

/** The searches of one method that run, by connection and request. */
function createRunning() {
  const searches = new Map<string, AbortController>();
  // The ids 1 and "1" are different requests.
  const key = ({ connectionId }: Caller, id: Id): string =>
    `${connectionId} ${typeof id === 'string' ? JSON.stringify(id) : id}`;
  return {
    /** Ends with the connection, too. Throws RpcError when it is cancelled. */
    async run<T>(caller: Caller, id: Id, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const controller = new AbortController();
      const name = key(caller, id);
      searches.set(name, controller);
      const signal = AbortSignal.any([controller.signal, caller.closed]);
      try {
        return await work(signal);
      } catch (error) {
        if (signal.aborted) throw invalidRequest('thread search cancelled');
        throw error;
      } finally {
        if (searches.get(name) === controller) searches.delete(name);
      }
    },
    cancel(caller: Caller, id: Id): Record<string, never> {
      searches.get(key(caller, id))?.abort();
      return {};
    },
  };
}
