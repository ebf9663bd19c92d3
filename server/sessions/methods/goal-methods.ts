/**
 * thread/goal/* (docs/protocol/threads.md §9). A goal is stored and clients are notified; `goalChanged` starts and
 * stops the work on it.
 */
import type { ThreadGoal } from '../../../schema/protocol/threads/thread-goal.js';
import type { RequestParams } from '../../../schema/registry.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { announce, nowSeconds, type NamedThread } from '../live/catalog-deps.js';
import { MAX_OBJECTIVE, goalRecord, threadWithGoal, type GoalDeps } from '../agenda/thread-goal.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';

export const goalMethods = defineMethods((deps: GoalDeps) => {
  const { catalog, store } = deps;
  return {
    /** Order: the answer, `thread/goal/updated` to all. */
    'thread/goal/set': async (params, _caller, context) => {
      const thread = await threadWithGoal(deps, params.threadId);
      const { id, live } = thread;
      const goal = nextGoal(id, catalog.state().thread(id).goal ?? null, params);
      const silent = await saidNothing(store, thread);
      catalog.write({ k: 'goal', id, goal });
      // The objective replaces the first message of a thread that has none, and still does so later
      // (docs/protocol/threads.md §4).
      if (silent) catalog.write({ k: 'preview', id, preview: goal.objective });
      live?.record([goalRecord(goal)]);
      context.afterAnswer(() => {
        announce(deps, id, 'thread/goal/updated', { threadId: id, turnId: null, goal });
        deps.goalChanged?.(id, goal);
      });
      return { goal };
    },
    'thread/goal/get': async ({ threadId }) => {
      const { id } = await threadWithGoal(deps, threadId);
      return { goal: catalog.state().thread(id).goal ?? null };
    },
    /** Order: the answer, `thread/goal/cleared` to all; no notification if there was no goal. */
    'thread/goal/clear': async ({ threadId }, _caller, context) => {
      const { id } = await threadWithGoal(deps, threadId);
      const cleared = catalog.state().thread(id).goal !== undefined;
      if (!cleared) return { cleared };
      catalog.write({ k: 'goal', id, goal: null });
      context.afterAnswer(() => {
        announce(deps, id, 'thread/goal/cleared', { threadId: id });
        deps.goalChanged?.(id, null);
      });
      return { cleared };
    },
  };
});

/** Throws RpcError for an invalid goal. */
function nextGoal(id: ThreadId, before: ThreadGoal | null, params: RequestParams<'thread/goal/set'>): ThreadGoal {
  const { status, tokenBudget: budget } = params;
  const objective = params.objective?.trim() ?? null;
  if (objective === '') throw invalidRequest('goal objective must not be empty');
  if (objective !== null && [...objective].length > MAX_OBJECTIVE)
    throw invalidRequest(`goal objective must be at most ${MAX_OBJECTIVE} characters`);
  if (budget !== undefined && budget !== null && budget <= 0)
    throw invalidRequest('goal budgets must be positive when provided');
  if (before === null && objective === null)
    throw invalidRequest(`cannot update goal for thread ${id}: no goal exists`);
  const now = nowSeconds();
  return {
    threadId: id,
    objective: objective ?? before?.objective ?? '',
    status: status ?? before?.status ?? 'active',
    tokenBudget: budget === undefined ? (before?.tokenBudget ?? null) : budget,
    tokensUsed: before?.tokensUsed ?? 0,
    timeUsedSeconds: before?.timeUsedSeconds ?? 0,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}

async function saidNothing(store: GoalDeps['store'], { files }: NamedThread): Promise<boolean> {
  return files === null || !(await store.head(files)).hasUserMessage;
}
