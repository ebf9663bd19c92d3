/** thread/goal/get (docs/protocol/threads.md §9). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { threadWithGoal, type GoalDeps } from '../../agenda/thread-goal.js';

export function threadGoalGetHandler(deps: GoalDeps): Handler<'thread/goal/get'> {
  return async ({ threadId }) => {
    const { id } = await threadWithGoal(deps, threadId);
    return { goal: deps.catalog.state().thread(id).goal ?? null };
  };
}
