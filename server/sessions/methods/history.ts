/**
 * thread/read, thread/turns/*, thread/items/*, thread/timeline/list and thread/searchOccurrences
 * (docs/protocol/threads.md §5): the history of a thread.
 */
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import { itemsPage, turnsPage } from '../store/history/history-pages.js';
import { notPaginated, requirePaginated, withPast, withRunning } from './history/thread-past.js';
import type { ThreadItemEntry, ThreadItemOutputDeferral } from '../../../schema/protocol/threads/thread-history.js';
import type { LifecycleDeps } from './thread/lifecycle-common.js';
import { conversationSummaryHandler } from './history/conversation-summary.js';
import { threadReadHandler } from './thread/thread-read.js';
import { threadRealtimeListHandler } from './history/thread-realtime-list.js';
import { threadTimelineListHandler } from './history/thread-timeline-list.js';
import { threadSearchOccurrencesHandler } from './history/thread-search-occurrences.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

/** How many ids a request of thread/items/read may contain. */
const MAX_IDS = 100;

export const historyMethods = defineMethods((deps: LifecycleDeps) => {
  return {
    'thread/turns/list': ({ threadId, ...request }) =>
      withPast(
        deps,
        threadId,
        (id, live) => {
          if (live === null) return invalidRequest(`thread not loaded: ${id}`);
          if (live.ephemeral) return invalidRequest('ephemeral threads do not support thread/turns/list');
          return invalidRequest(
            `thread ${id} is not materialized yet; thread/turns/list is unavailable before first user message`,
          );
        },
        async ({ id, history }) => {
          const page = await turnsPage(id, history, request);
          return { ...page, data: withRunning(deps.threads, id, page.data) };
        },
      ),
    'thread/items/list': ({ threadId, deferOutput, ...request }) => {
      if (request.cursor !== null && typeof request.cursor === 'object' && request.turnId === null)
        throw invalidParams('turnId is required when cursor is an item anchor');
      return withPast(
        deps,
        threadId,
        () => notPaginated('thread/items/list'),
        async ({ id, history }) => {
          requirePaginated(history, 'thread/items/list');
          const page = await itemsPage(id, history, request);
          return { ...page, data: page.data.map((entry) => deferred(entry, deferOutput)) };
        },
      );
    },
    /** In the order of the history; ids that the turn does not have are omitted. */
    'thread/items/read': ({ threadId, turnId, itemIds }) => {
      if (itemIds.length === 0 || itemIds.length > MAX_IDS)
        throw invalidRequest(`itemIds must contain 1 to ${MAX_IDS} IDs`);
      return withPast(
        deps,
        threadId,
        () => notPaginated('thread/items/read'),
        async ({ history }) => {
          requirePaginated(history, 'thread/items/read');
          const wanted = new Set(itemIds);
          const data: ThreadItemEntry[] = [];
          for await (const { position: _position, ...entry } of history.items({ turnId })) {
            if (wanted.has(entry.item.id)) data.push(entry);
          }
          return { data };
        },
      );
    },
    'thread/read': threadReadHandler(deps),
    getConversationSummary: conversationSummaryHandler(deps),
    'thread/timeline/list': threadTimelineListHandler(deps),
    'thread/realtime/list': threadRealtimeListHandler(deps),
    'thread/searchOccurrences': threadSearchOccurrencesHandler(deps),
  };
});

/** Bulk output that the client will request with thread/items/read. */
function deferred(entry: ThreadItemEntry, defer: ThreadItemOutputDeferral | null): ThreadItemEntry {
  const { item } = entry;
  if (defer?.commandExecution === true && item.type === 'commandExecution' && (item.aggregatedOutput ?? null) !== null)
    return { ...entry, item: { ...item, aggregatedOutput: null }, outputDeferred: true };
  if (defer?.mcpToolCall === true && item.type === 'mcpToolCall' && (item.result ?? null) !== null)
    return { ...entry, item: { ...item, result: null }, outputDeferred: true };
  return entry;
}
