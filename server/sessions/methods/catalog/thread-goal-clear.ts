/** thread/goal/clear (docs/protocol/threads.md §9). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { announce } from '../../live/catalog-deps.js';
import { threadWithGoal, type GoalDeps } from '../../agenda/thread-goal.js';

/** Order: the answer, `thread/goal/cleared` to all; nothing is told when there was no goal. */
export function threadGoalClearHandler(deps: GoalDeps): Handler<'thread/goal/clear'> {
  const { catalog } = deps;
  return async ({ threadId }, _caller, context) => {
    const { id } = await threadWithGoal(deps, threadId);
    const cleared = catalog.state().thread(id).goal !== undefined;
    if (!cleared) return { cleared };
    catalog.write({ k: 'goal', id, goal: null });
    context.afterAnswer(() => {
      announce(deps, id, 'thread/goal/cleared', { threadId: id });
      deps.goalChanged?.(id, null);
    });
    return { cleared };
  };
}
