/**
 * thread/rollback: what clients of 0.130 call to take back turns (docs/protocol/threads.md §10); the protocol of today
 * has thread/revert in its place, and codexd keeps both (docs/protocol-extensions.md). In a legacy thread a record says
 * that the last turns do not count; a paginated one goes on before them.
 */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThread } from '../../live/live-thread.js';
import { filesOf, fromStore, loadedThread, type LifecycleDeps } from './lifecycle.js';
import { canonicalId, liveThreadOf } from '../../live/live-thread-of.js';
import { revertLoaded } from './thread-revert.js';

/** Answers the thread with its turns. A number above that of the turns takes back all. */
export function threadRollbackHandler(deps: LifecycleDeps): Handler<'thread/rollback'> {
  const { threads, store } = deps;
  return async ({ threadId, numTurns }) => {
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
      const turns = await fromStore(async () => {
        const rest = await store.history(now);
        return rest.turns(0, rest.turnCount, 'full');
      });
      return { thread: { ...thread, turns } };
    });
  };
}
