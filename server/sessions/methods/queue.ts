/** thread/queue/* (docs/protocol/threads.md §9): messages that wait for their turn. */
import type { QueuedSubmission } from '../../../schema/protocol/threads/thread-queue.js';
import { internalError, invalidRequest } from '../../errors/rpc-error.js';
import { newId } from '../store/records/thread-id.js';
import { findThread, pageOf, pageSize, parseId, refuseEphemeral, type NamedThread } from '../live/catalog-deps.js';
import { startQueued, takeQueued, notifyQueueChanged, type QueueDeps } from '../agenda/thread-queue.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const queueMethods = defineMethods((deps: QueueDeps) => {
  const { catalog, startTurn } = deps;
  return {
    /**
     * Order: the answer, `thread/queue/changed` to the subscribers. If no turn is running, the message starts one at
     * once. Then both notifications come before the answer.
     */
    'thread/queue/add': async (
      { threadId, input, clientUserMessageId, responsesapiClientMetadata },
      caller,
      context,
    ) => {
      const { id, live } = await threadWithQueue(deps, threadId);
      checkInput(input);
      const queuedSubmission: QueuedSubmission = {
        id: newId(),
        input: input as QueuedSubmission['input'],
        clientUserMessageId,
        responsesapiClientMetadata,
      };
      const waited = (catalog.state().thread(id).queue ?? []).length > 0;
      catalog.write({ k: 'queueAdd', id, item: queuedSubmission });
      if (live === null || !deps.isIdle(live) || waited || startTurn === null) {
        context.afterAnswer(() => notifyQueueChanged(live, id));
        return { queuedSubmission };
      }
      notifyQueueChanged(live, id);
      const started = startQueued(deps, live, queuedSubmission.id, caller.client);
      if (started !== null) context.afterAnswer(started.begin);
      return { queuedSubmission };
    },
    /** A cursor is the number of items before the page. */
    'thread/queue/list': async ({ threadId, cursor, limit }) => {
      const { id } = await threadWithQueue(deps, threadId);
      const first = cursor === null ? 0 : queueCursor(cursor);
      const size = pageSize(limit);
      const { data, last } = pageOf(catalog.state().thread(id).queue ?? [], first, size);
      return { data, nextCursor: last === null ? null : String(first + size) };
    },
    /** Order as with add. */
    'thread/queue/update': async (
      { threadId, queuedSubmissionId, input, responsesapiClientMetadata },
      _caller,
      context,
    ) => {
      const { id, live } = await threadWithQueue(deps, threadId);
      checkInput(input);
      const before = catalog
        .state()
        .thread(id)
        .queue?.find((item) => item.id === queuedSubmissionId);
      if (before === undefined) throw notQueued(queuedSubmissionId);
      const queuedSubmission: QueuedSubmission = {
        ...before,
        input: input as QueuedSubmission['input'],
        responsesapiClientMetadata: responsesapiClientMetadata ?? before.responsesapiClientMetadata,
      };
      const after = catalog.write({ k: 'queueSet', id, item: queuedSubmission });
      if (after.thread(id).queue?.some((item) => item.id === queuedSubmissionId) !== true)
        throw notQueued(queuedSubmissionId);
      context.afterAnswer(() => notifyQueueChanged(live, id));
      return { queuedSubmission };
    },
    'thread/queue/delete': async ({ threadId, queuedSubmissionId }, _caller, context) => {
      const { id, live } = await threadWithQueue(deps, threadId);
      const deleted = takeQueued(catalog, id, queuedSubmissionId) !== null;
      if (deleted) context.afterAnswer(() => notifyQueueChanged(live, id));
      return { deleted };
    },
    'thread/queue/reorder': async ({ threadId, queuedSubmissionIds }, _caller, context) => {
      const { id, live } = await threadWithQueue(deps, threadId);
      const waiting = (catalog.state().thread(id).queue ?? []).map((item) => item.id);
      if (waiting.length > 0) catalog.write({ k: 'queueOrder', id, items: queuedSubmissionIds });
      const now = (catalog.state().thread(id).queue ?? []).map((item) => item.id);
      if (now.join() !== queuedSubmissionIds.join())
        throw invalidRequest('queue reorder must include every queued submission exactly once');
      context.afterAnswer(() => notifyQueueChanged(live, id));
      return {};
    },
    /** Order: `thread/queue/changed`, the answer, the notifications of the turn. */
    'thread/queue/start': async ({ threadId, queuedSubmissionId }, caller, context) => {
      const { id, live } = await threadWithQueue(deps, threadId);
      if (live === null) throw invalidRequest('resume the thread before starting a queued message');
      const waiting = catalog.state().thread(id).queue ?? [];
      if (queuedSubmissionId === null && waiting.length === 0) throw invalidRequest('queue is empty');
      if (queuedSubmissionId !== null && !waiting.some((item) => item.id === queuedSubmissionId))
        throw notQueued(queuedSubmissionId);
      if (!deps.isIdle(live)) throw invalidRequest('thread already has an active or pending turn');
      const started = startQueued(deps, live, queuedSubmissionId, caller.client);
      if (started === null)
        throw queuedSubmissionId === null ? invalidRequest('queue is empty') : notQueued(queuedSubmissionId);
      context.afterAnswer(started.begin);
      return { turn: started.turn };
    },
  };
});

/** Throws RpcError. */
async function threadWithQueue(deps: QueueDeps, threadId: string): Promise<NamedThread> {
  const id = parseId(threadId);
  const thread = await findThread(deps, id);
  // The reference's text and code.
  if (thread === null)
    throw internalError(`failed to read thread: invalid thread-store request: no rollout found for thread id ${id}`);
  refuseEphemeral(thread, 'queued submissions');
  return thread;
}

function checkInput(input: readonly unknown[]): void {
  if (input.length === 0) throw invalidRequest('only user input can be added to the user-message queue');
}

const notQueued = (id: string) => invalidRequest(`queued submission not found: ${id}`);

function queueCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  const problem = cursor === '' ? 'cannot parse integer from empty string' : 'invalid digit found in string';
  throw invalidRequest(`invalid queue pagination cursor: ${problem}`);
}
