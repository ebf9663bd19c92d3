/** thread/revert (docs/protocol/threads.md §10): a paginated thread goes on before one of its turns. */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import { itemsBackwardsCursor, turnsBackwardsCursor } from '../../store/history/history-pages.js';
import type { ThreadId } from '../../store/records/thread-id.js';
import { filesOf, fromStore, loadedThread, type LifecycleDeps } from './lifecycle.js';
import { canonicalId, liveThreadOf } from '../../live/live-thread-of.js';

/**
 * Order: what runs ends, status notLoaded, status idle; the answer; `thread/reverted` to all. Everything is judged
 * before anything happens: a request that is refused changes nothing, also not in what runs.
 */
export function threadRevertHandler(deps: LifecycleDeps): Handler<'thread/revert'> {
  const { threads, store } = deps;
  return async ({ threadId, beforeTurnId }, _caller, context) => {
    const id = canonicalId(threadId);
    return threads.exclusively(id, async () => {
      const live = liveThreadOf(threads, threadId);
      if (live.ephemeral) throw invalidRequest('ephemeral threads do not support thread/revert');
      if (live.writer?.historyMode !== 'paginated') {
        throw invalidRequest('thread/revert only supports paginated threads');
      }
      const files = await filesOf(store, id, live);
      const before = files === null ? null : await fromStore(() => store.history(files));
      if (before === null || before.indexOfTurn(beforeTurnId) < 0) {
        throw invalidRequest(`turn not found: ${beforeTurnId}`);
      }
      const reverted = await revertLoaded(deps, live, beforeTurnId);
      const thread = await loadedThread(deps, reverted);
      const after = await filesOf(store, id, reverted);
      const history = after === null ? null : await fromStore(() => store.history(after));
      context.afterAnswer(() => reverted.events.announce('thread/reverted', { threadId: id }));
      return {
        thread,
        turnsBackwardsCursor: history === null ? null : turnsBackwardsCursor(id, history),
        itemsBackwardsCursor: history === null ? null : await itemsBackwardsCursor(id, history),
      };
    });
  };
}

/**
 * Loads the thread again as it was before a turn that it has; its subscribers stay. Whoever calls holds the thread
 * exclusively.
 */
export async function revertLoaded(
  { threads, store, catalog }: LifecycleDeps,
  live: LiveThread,
  beforeTurnId: string,
): Promise<LiveThread> {
  const id: ThreadId = live.id;
  const { meta, state, tokenUsage } = live;
  const { subscribers } = live.events;
  const files = await filesOf(store, id, live);
  await threads.unload(id);
  if (files === null) throw invalidRequest(`no rollout found for thread id ${id}`);
  const writer = await fromStore(async () => {
    const old = await store.open(files);
    try {
      return await store.revert(old, beforeTurnId);
    } catch (error) {
      await old.close();
      throw error;
    }
  });
  catalog.touched(id);
  const reverted = threads.load({ id, meta, state, writer, tokenUsage, how: 'reverted' });
  for (const subscriber of subscribers) reverted.events.subscribe(subscriber);
  reverted.events.announce('thread/status/changed', { threadId: id, status: reverted.status });
  return reverted;
}
