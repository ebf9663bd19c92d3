/** thread/revert and thread/rollback (docs/protocol/threads.md §10): a thread continues before one of its turns. */
import { invalidRequest } from '../../errors/rpc-error.js';
import type { LiveThread } from '../live/live-thread.js';
import { itemsBackwardsCursor, turnsBackwardsCursor } from '../store/history/history-pages.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { settingsRecord } from '../live/settings-record.js';
import { filesOf, fromStore, loadedThread, wholeHistory, type LifecycleDeps } from './thread/lifecycle-common.js';
import { startServers } from './thread/thread-servers.js';
import { canonicalId, liveThreadOf } from '../live/live-thread-of.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const rewindMethods = defineMethods((deps: LifecycleDeps) => {
  const { threads, store } = deps;
  return {
    /**
     * Order: the running turn ends, status notLoaded, status idle; the answer; `thread/reverted` to all. All checks
     * come before any change: a refused request changes nothing and ends no turn.
     */
    'thread/revert': async ({ threadId, beforeTurnId }, _caller, context) => {
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
    },
    /**
     * Clients of 0.130 call this to remove turns. Today's protocol has thread/revert instead, and codexd keeps both
     * (docs/protocol-extensions.md). In a legacy thread a record says that the last turns do not count; a paginated
     * thread continues before them. The answer is the thread with its turns. A number above the count of turns removes
     * all.
     */
    'thread/rollback': async ({ threadId, numTurns }) => {
      const id = canonicalId(threadId);
      return threads.exclusively(id, async () => {
        const live = liveThreadOf(threads, threadId);
        if (numTurns < 1) throw invalidRequest('numTurns must be >= 1');
        if (live.ephemeral) throw invalidRequest('ephemeral threads do not support thread/rollback');
        if (live.turn !== null) throw invalidRequest(`turn ${live.turn.id} is running: interrupt it before a rollback`);
        const files = await filesOf(store, id, live);
        const history = files === null ? null : await fromStore(() => store.history(files));
        if (history === null || history.turnCount === 0) return { thread: await loadedThread(deps, live) };
        let after: LiveThread = live;
        if (history.historyMode === 'legacy') {
          live.record([{ type: 'event_msg', payload: { type: 'thread_rolled_back', num_turns: numTurns } }]);
        } else {
          const first = Math.max(0, history.turnCount - numTurns);
          const [turn] = await fromStore(() => history.turns(first, first + 1, 'notLoaded'));
          if (turn !== undefined) after = await revertLoaded(deps, live, turn.id);
        }
        const thread = await loadedThread(deps, after);
        const now = await filesOf(store, id, after);
        if (now === null) return { thread };
        return (await fromStore(() => wholeHistory(store, now))).into({ thread });
      });
    },
  };
});

/**
 * Loads the thread again as it was before one of its turns; its subscribers stay. The caller must hold the thread
 * exclusively.
 */
async function revertLoaded(
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
  // Its new file begins without a turn: lists and the next start read the settings from this record.
  reverted.record([settingsRecord(id, state)]);
  for (const subscriber of subscribers) reverted.events.subscribe(subscriber);
  reverted.events.announce('thread/status/changed', { threadId: id, status: reverted.status });
  startServers(reverted);
  return reverted;
}
