/** The goal of a loaded thread: what its turns cost, and when the budget is spent (docs/protocol/threads.md §9). */
import type { ThreadGoal, ThreadGoalStatus } from '../../../schema/protocol/threads/thread-goal.js';
import type { Catalog } from '../catalog/catalog.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import { nowSeconds } from '../live/catalog-deps.js';
import { goalRecord } from './thread-goal.js';
import type { ModelUsage } from '../model/provider/model-provider.js';

export interface Goals {
  of(thread: TurnThread): ThreadGoal | null;
  /** Creates a goal with nothing used. Throws if the disk refuses. */
  create(thread: TurnThread, turn: WorkTurn, objective: string, tokenBudget: number | null): ThreadGoal;
  /** Null: there is no goal. `turn`: the turn that causes the change; null: none. */
  setStatus(thread: TurnThread, turn: WorkTurn | null, status: ThreadGoalStatus): ThreadGoal | null;
  /** Adds the cost of a model's response to an active goal and reports it. A spent budget ends the work on the goal. */
  used(thread: TurnThread, turn: WorkTurn, usage: ModelUsage): void;
}

export function createGoals(catalog: Pick<Catalog, 'state' | 'write'>): Goals {
  const of = (thread: TurnThread): ThreadGoal | null =>
    thread.ephemeral ? null : (catalog.state().thread(thread.id).goal ?? null);
  const write = (thread: TurnThread, turn: WorkTurn | null, goal: ThreadGoal): ThreadGoal => {
    catalog.write({ k: 'goal', id: thread.id, goal });
    thread.record([goalRecord(goal)]);
    thread.events.announce('thread/goal/updated', { threadId: thread.id, turnId: turn?.id ?? null, goal });
    return goal;
  };

  return {
    of,
    create(thread, turn, objective, tokenBudget) {
      const now = nowSeconds();
      turn.runtime.goalClock.restart(Date.now());
      return write(thread, turn, {
        threadId: thread.id,
        objective,
        status: 'active',
        tokenBudget,
        tokensUsed: 0,
        timeUsedSeconds: 0,
        createdAt: now,
        updatedAt: now,
      });
    },
    setStatus(thread, turn, status) {
      const goal = of(thread);
      return goal === null ? null : write(thread, turn, { ...goal, status, updatedAt: nowSeconds() });
    },
    used(thread, turn, { inputTokens, cachedInputTokens, outputTokens }) {
      const goal = of(thread);
      if (goal?.status !== 'active') return;
      const seconds = turn.runtime.goalClock.take(Date.now());
      const tokensUsed = goal.tokensUsed + Math.max(0, inputTokens - cachedInputTokens) + outputTokens;
      const spent = (goal.tokenBudget ?? null) !== null && tokensUsed >= goal.tokenBudget!;
      write(thread, turn, {
        ...goal,
        tokensUsed,
        timeUsedSeconds: goal.timeUsedSeconds + seconds,
        status: spent ? 'budgetLimited' : 'active',
        updatedAt: nowSeconds(),
      });
    },
  };
}
