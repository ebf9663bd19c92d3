/** thread/queue/* (docs/protocol/threads.md §9): messages that wait for their turn. */
import type { QueuedSubmission } from '../../../schema/protocol/threads/thread-queue.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import { describe } from '../../errors/describe.js';
import type { Logger } from '../../log/log.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import { internalError, invalidRequest } from '../../errors/rpc-error.js';
import type { LiveThread } from '../live/live-thread.js';
import { newId, type ThreadId } from '../store/records/thread-id.js';
import { findThread, pageOf, pageSize, parseId, refuseEphemeral, type NamedThread } from '../live/catalog-deps.js';
import { unarchived } from './thread/lifecycle-common.js';
import { startFirst, startQueued, takeQueued, notifyQueueChanged, type QueueDeps } from '../agenda/thread-queue.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export interface QueueMethodDeps extends QueueDeps {
  /** Loads a thread that is not loaded (thread/load-thread.ts). */
  readonly wake: (id: ThreadId) => Promise<{ readonly live: LiveThread; readonly lastStatus: Turn['status'] | null }>;
  readonly log: Logger;
}

export const queueMethods = defineMethods((deps: QueueMethodDeps) => {
  const { catalog, startTurn, log } = deps;

  /** Never rejects: the message waits for the next client that resumes the thread then. */
  const wakeFor = async (id: ThreadId, client: ClientIdentity, waited: boolean): Promise<void> => {
    try {
      const { live, lastStatus } = await deps.wake(id);
      // A person who interrupted decides when the queue continues. A new message is such a decision if no message was
      // waiting before.
      if (!waited || lastStatus !== 'interrupted') startFirst(deps, live, client);
    } catch (error) {
      log.warn(...describe(`thread ${id} cannot be woken for a message in its queue`, error));
    }
  };
  return {
    /**
     * Order: the answer, `thread/queue/changed` to the subscribers. If no turn is running, the message starts one at
     * once. Then both notifications come before the answer. A thread that is not loaded is loaded for the message.
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
        if (live === null && startTurn !== null) context.afterAnswer(() => void wakeFor(id, caller.client, waited));
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
  if (thread.files !== null) unarchived(thread.files, id);
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
