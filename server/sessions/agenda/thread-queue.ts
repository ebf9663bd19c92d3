/**
 * Messages that wait for their turn: thread/queue/*. Kept beside the rollout, so that they outlive the daemon. Whoever
 * runs turns takes them one by one (`takeQueued`), also of several daemons only one gets a message.
 */
import { randomUUID } from 'node:crypto';
import type { QueuedSubmission } from '../../../schema/protocol/threads/thread-queue.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { ClientIdentity, Handler } from '../../rpc/connection/caller.js';
import { internalError, invalidRequest, notSupported } from '../../errors/rpc-error.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LiveThread } from '../live/live-thread.js';
import { newId, type ThreadId } from '../store/records/thread-id.js';
import {
  findThread,
  pageOf,
  pageSize,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
  type NamedThread,
} from '../live/catalog-deps.js';

export interface QueueDeps extends CatalogDeps {
  /**
   * Promises a turn with a message that was taken from the queue; it begins with `begin`. `client`: in whose name.
   * Throws RpcError when there can be none; the message is then put back in its place. Null where nobody runs turns.
   */
  readonly startTurn:
    | ((
        thread: LiveThread,
        message: QueuedSubmission,
        client: ClientIdentity | null,
      ) => { readonly turn: Turn; readonly begin: () => void })
    | null;
  /** No turn runs in the thread, and none was promised. */
  readonly isIdle: (thread: LiveThread) => boolean;
}

/**
 * Takes a message from the queue, the first one without `message`; null when there is none, or another daemon was
 * quicker. Tell `thread/queue/changed` afterwards (`tellQueue`).
 */
export function takeQueued(catalog: Catalog, id: ThreadId, message: string | null = null): QueuedSubmission | null {
  const waiting = catalog.state().thread(id).queue ?? [];
  const found = message === null ? waiting[0] : waiting.find((other) => other.id === message);
  if (found === undefined) return null;
  const by = randomUUID();
  const { taken } = catalog.write({ k: 'queueTake', id, item: found.id, by }).thread(id);
  return taken?.by === by ? found : null;
}

/** To the thread's subscribers: its queue is another. */
function tellQueue(live: LiveThread | null, id: ThreadId): void {
  live?.events.notify('thread/queue/changed', { threadId: id });
}

/**
 * Order: the answer, `thread/queue/changed` to the subscribers. In a thread where no turn runs the message starts one
 * at once, and the answer comes behind both notes.
 */
export function threadQueueAddHandler(deps: QueueDeps): Handler<'thread/queue/add'> {
  const { catalog, startTurn } = deps;
  return async ({ threadId, input, clientUserMessageId, responsesapiClientMetadata }, caller, context) => {
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
      context.afterAnswer(() => tellQueue(live, id));
      return { queuedSubmission };
    }
    tellQueue(live, id);
    const started = startQueued(deps, live, queuedSubmission.id, caller.client);
    if (started !== null) context.afterAnswer(started.begin);
    return { queuedSubmission };
  };
}

/** A cursor is how many come before. */
export function threadQueueListHandler(deps: QueueDeps): Handler<'thread/queue/list'> {
  return async ({ threadId, cursor, limit }) => {
    const { id } = await threadWithQueue(deps, threadId);
    const first = cursor === null ? 0 : queueCursor(cursor);
    const size = pageSize(limit);
    const { data, last } = pageOf(deps.catalog.state().thread(id).queue ?? [], first, size);
    return { data, nextCursor: last === null ? null : String(first + size) };
  };
}

/** Order as with add. */
export function threadQueueUpdateHandler(deps: QueueDeps): Handler<'thread/queue/update'> {
  const { catalog } = deps;
  return async ({ threadId, queuedSubmissionId, input, responsesapiClientMetadata }, _caller, context) => {
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
    context.afterAnswer(() => tellQueue(live, id));
    return { queuedSubmission };
  };
}

export function threadQueueDeleteHandler(deps: QueueDeps): Handler<'thread/queue/delete'> {
  return async ({ threadId, queuedSubmissionId }, _caller, context) => {
    const { id, live } = await threadWithQueue(deps, threadId);
    const deleted = takeQueued(deps.catalog, id, queuedSubmissionId) !== null;
    if (deleted) context.afterAnswer(() => tellQueue(live, id));
    return { deleted };
  };
}

export function threadQueueReorderHandler(deps: QueueDeps): Handler<'thread/queue/reorder'> {
  const { catalog } = deps;
  return async ({ threadId, queuedSubmissionIds }, _caller, context) => {
    const { id, live } = await threadWithQueue(deps, threadId);
    const waiting = (catalog.state().thread(id).queue ?? []).map((item) => item.id);
    if (waiting.length > 0) catalog.write({ k: 'queueOrder', id, items: queuedSubmissionIds });
    const now = (catalog.state().thread(id).queue ?? []).map((item) => item.id);
    if (now.join() !== queuedSubmissionIds.join())
      throw invalidRequest('queue reorder must include every queued submission exactly once');
    context.afterAnswer(() => tellQueue(live, id));
    return {};
  };
}

/** Order: `thread/queue/changed`, the answer, what the turn tells. */
export function threadQueueStartHandler(deps: QueueDeps): Handler<'thread/queue/start'> {
  return async ({ threadId, queuedSubmissionId }, caller, context) => {
    const { id, live } = await threadWithQueue(deps, threadId);
    if (live === null) throw invalidRequest('resume the thread before starting a queued message');
    const waiting = deps.catalog.state().thread(id).queue ?? [];
    if (queuedSubmissionId === null && waiting.length === 0) throw invalidRequest('queue is empty');
    if (queuedSubmissionId !== null && !waiting.some((item) => item.id === queuedSubmissionId))
      throw notQueued(queuedSubmissionId);
    if (!deps.isIdle(live)) throw invalidRequest('thread already has an active or pending turn');
    const started = startQueued(deps, live, queuedSubmissionId, caller.client);
    if (started === null)
      throw queuedSubmissionId === null ? invalidRequest('queue is empty') : notQueued(queuedSubmissionId);
    context.afterAnswer(started.begin);
    return { turn: started.turn };
  };
}

/** Takes a message (null: the first one) and promises a turn with it. Null when the message is no longer there. */
export function startQueued(
  { catalog, startTurn }: Pick<QueueDeps, 'catalog' | 'startTurn'>,
  live: LiveThread,
  message: string | null,
  client: ClientIdentity | null,
): { readonly turn: Turn; readonly begin: () => void } | null {
  if (startTurn === null)
    throw notSupported('queued messages cannot be started: this daemon does not run turns, use thread/queue/list');
  const { id } = live;
  const order = (catalog.state().thread(id).queue ?? []).map((item) => item.id);
  const taken = takeQueued(catalog, id, message);
  if (taken === null) return null;
  try {
    const started = startTurn(live, taken, client);
    tellQueue(live, id);
    return started;
  } catch (error) {
    catalog.write({ k: 'queueAdd', id, item: taken });
    const now = new Set((catalog.state().thread(id).queue ?? []).map((item) => item.id));
    const kept = order.filter((item) => now.has(item));
    catalog.write({ k: 'queueOrder', id, items: [...kept, ...[...now].filter((item) => !order.includes(item))] });
    throw error;
  }
}

/** Throws RpcError. */
async function threadWithQueue(deps: QueueDeps, threadId: string): Promise<NamedThread> {
  const id = parseId(threadId);
  const thread = await findThread(deps, id);
  // The reference's own words and code for it.
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
