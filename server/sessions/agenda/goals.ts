/**
 * The goal of a loaded thread, as its turns work on it: what it costs, and when that is enough
 * (docs/protocol/threads.md §9).
 */
import type { ThreadGoal, ThreadGoalStatus } from '../../../schema/protocol/threads/thread-goal.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LiveThread, LiveTurn } from '../live/live-thread.js';
import { nowSeconds } from '../live/catalog-deps.js';
import { goalRecord } from './thread-goal.js';
import type { ModelUsage } from '../model/model-provider.js';

export interface Goals {
  of(thread: LiveThread): ThreadGoal | null;
  /** A new one, with nothing used. Throws when the disk refuses. */
  create(thread: LiveThread, turn: LiveTurn, objective: string, tokenBudget: number | null): ThreadGoal;
  /** Null where there is none. `turn`: in which it happens, if any. */
  setStatus(thread: LiveThread, turn: LiveTurn | null, status: ThreadGoalStatus): ThreadGoal | null;
  /**
   * A response of the model was paid for: what it added to an active goal is told; a spent budget ends the work on it.
   */
  used(thread: LiveThread, turn: LiveTurn, usage: ModelUsage): void;
}

export function createGoals(catalog: Pick<Catalog, 'state' | 'write'>): Goals {
  /** Until when a turn's time was counted, in milliseconds since the epoch. */
  const counted = new WeakMap<LiveTurn, number>();

  const of = (thread: LiveThread): ThreadGoal | null =>
    thread.ephemeral ? null : (catalog.state().thread(thread.id).goal ?? null);
  const write = (thread: LiveThread, turn: LiveTurn | null, goal: ThreadGoal): ThreadGoal => {
    catalog.write({ k: 'goal', id: thread.id, goal });
    thread.record([goalRecord(goal)]);
    thread.events.announce('thread/goal/updated', { threadId: thread.id, turnId: turn?.id ?? null, goal });
    return goal;
  };

  return {
    of,
    create(thread, turn, objective, tokenBudget) {
      const now = nowSeconds();
      counted.set(turn, Date.now());
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
      const now = Date.now();
      const seconds = Math.floor((now - (counted.get(turn) ?? turn.startedAtMs)) / 1000);
      // What is less than a second is counted with what follows.
      counted.set(turn, (counted.get(turn) ?? turn.startedAtMs) + seconds * 1000);
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
