/**
 * thread/realtime/list (since 0.171, docs/protocol/threads.md §15): the items of spoken conversations in a thread.
 * codexd holds none of those (realtime.ts), so the list is empty; its bounds say how far the history was read.
 */
import type { RequestParams, RequestResult } from '../../../../schema/registry.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import { withPast, type PastOptions } from './thread-past.js';

const MAX_PAGE = 500;

type Params = RequestParams<'thread/realtime/list'>;
type Result = RequestResult<'thread/realtime/list'>;

export function threadRealtimeListHandler(options: PastOptions): Handler<'thread/realtime/list'> {
  return async (params) => {
    check(params);
    // For this method an unknown thread is an answer.
    const missing = invalidRequest(`thread not found: ${params.threadId}`);
    try {
      return await withPast(
        options,
        params.threadId,
        () => missing,
        ({ history }) =>
          Promise.resolve(history.historyMode === 'paginated' ? empty(params, history.recordCount) : UNSUPPORTED),
      );
    } catch (error) {
      if (error === missing) return UNSUPPORTED;
      throw error;
    }
  };
}

/** No projection of the thread can be read. */
const UNSUPPORTED: Result = {
  data: [],
  nextCursor: null,
  snapshotEnd: 0,
  projectedThroughItemIndex: 0,
  coverage: 'unsupported',
};

/** Throws RpcError. */
function check({ limit, fromObservedAtMs: from, toObservedAtMs: to, cursor }: Params): void {
  if (limit !== null && (limit < 1 || limit > MAX_PAGE))
    throw invalidRequest(`realtime page size must be between 1 and ${MAX_PAGE}`);
  if (from !== null && to !== null && from >= to)
    throw invalidRequest('realtime observation time range must be nonempty');
  // An empty list has no further pages.
  if (cursor !== null) throw invalidRequest('invalid realtime cursor');
}

/** `end`: the position after the last record. What is asked for and not there is `pending`. */
function empty({ snapshotEnd, requiredThroughPosition: required, eventId }: Params, end: number): Result {
  const isPending = eventId !== null || (snapshotEnd ?? 0) > end || (required ?? -1) >= end;
  return {
    data: [],
    nextCursor: null,
    snapshotEnd: snapshotEnd ?? end,
    projectedThroughItemIndex: end,
    coverage: isPending ? 'pending' : 'ready',
  };
}
