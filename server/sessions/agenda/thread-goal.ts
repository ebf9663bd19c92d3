/** Helpers that the methods of thread/goal share (docs/protocol/threads.md §9). */
import type { ThreadGoal } from '../../../schema/protocol/threads/thread-goal.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import type { ThreadId } from '../store/records/thread-id.js';
import {
  findThread,
  notFound,
  parseId,
  refuseEphemeral,
  type CatalogDeps,
  type NamedThread,
} from '../live/catalog-deps.js';

export interface GoalDeps extends CatalogDeps {
  /** Called after a goal was set or cleared, so that the work on it starts or stops. Null: nothing works on goals. */
  readonly goalChanged: ((id: ThreadId, goal: ThreadGoal | null) => void) | null;
}

/** Characters of an objective (docs/protocol/threads.md §9). */
export const MAX_OBJECTIVE = 4000;

/** Throws RpcError: goals need a thread that is stored and not archived. */
export async function threadWithGoal(deps: CatalogDeps, threadId: string): Promise<NamedThread> {
  const id = parseId(threadId);
  const thread = await findThread(deps, id);
  if (thread === null || thread.files?.archived === true) throw notFound(id);
  refuseEphemeral(thread, 'goals');
  return thread;
}

/** The event with which the official program stores a goal in a rollout. */
export function goalRecord(goal: ThreadGoal): NewRecord {
  const { tokenBudget, ...rest } = goal;
  return {
    type: 'event_msg',
    payload: {
      type: 'thread_goal_updated',
      threadId: goal.threadId,
      goal: tokenBudget === null ? rest : goal,
    },
  };
}
