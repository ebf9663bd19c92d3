/**
 * Messages that wait for their turn (thread/queue/*). They are stored beside the rollout, so they survive the end of
 * the daemon. The code that runs turns takes them one by one (`takeQueued`). Of several daemons only one gets a
 * message.
 */
import { randomUUID } from 'node:crypto';
import type { QueuedSubmission } from '../../../schema/protocol/threads/thread-queue.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import { notSupported } from '../../errors/rpc-error.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LiveThread } from '../live/live-thread.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { CatalogDeps } from '../live/catalog-deps.js';

export interface QueueDeps extends CatalogDeps {
  /**
   * Promises a turn with a message from the queue; it begins with `begin`. `client`: the client that starts it. Throws
   * RpcError if no turn can start; then the message returns to its place in the queue. Null: nothing runs turns.
   */
  readonly startTurn:
    | ((
        thread: LiveThread,
        message: QueuedSubmission,
        client: ClientIdentity | null,
      ) => { readonly turn: Turn; readonly begin: () => void })
    | null;
  /** No turn is running in the thread, and none was promised. */
  readonly isIdle: (thread: LiveThread) => boolean;
}

/**
 * Takes a message from the queue; without `message` the first one. Null: there is none, or another daemon took it. Call
 * `notifyQueueChanged` afterwards, which sends `thread/queue/changed`.
 */
export function takeQueued(catalog: Catalog, id: ThreadId, message: string | null = null): QueuedSubmission | null {
  const waiting = catalog.state().thread(id).queue ?? [];
  const found = message === null ? waiting[0] : waiting.find((other) => other.id === message);
  if (found === undefined) return null;
  const by = randomUUID();
  const { taken } = catalog.write({ k: 'queueTake', id, item: found.id, by }).thread(id);
  return taken?.by === by ? found : null;
}

/** Notifies the thread's subscribers that its queue changed. */
export function notifyQueueChanged(live: LiveThread | null, id: ThreadId): void {
  live?.events.notify('thread/queue/changed', { threadId: id });
}

/** Takes a message (null: the first one) and promises a turn with it. Null: the message is no longer in the queue. */
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
    notifyQueueChanged(live, id);
    return started;
  } catch (error) {
    catalog.write({ k: 'queueAdd', id, item: taken });
    const now = new Set((catalog.state().thread(id).queue ?? []).map((item) => item.id));
    const kept = order.filter((item) => now.has(item));
    catalog.write({ k: 'queueOrder', id, items: [...kept, ...[...now].filter((item) => !order.includes(item))] });
    throw error;
  }
}

/** Starts the first message that waits, where nothing runs in the thread. False: nothing was started. */
export function startFirst(
  deps: Pick<QueueDeps, 'catalog' | 'startTurn' | 'isIdle'>,
  live: LiveThread,
  client: ClientIdentity | null,
): boolean {
  const { catalog, startTurn, isIdle } = deps;
  if (startTurn === null || !isIdle(live) || (catalog.state().thread(live.id).queue ?? []).length === 0) return false;
  const started = startQueued(deps, live, null, client);
  started?.begin();
  return started !== null;
}
