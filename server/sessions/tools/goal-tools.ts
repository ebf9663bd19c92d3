/** get_goal, create_goal, update_goal: the goal of the thread over several turns (docs/protocol/turns.md §4). */
import { featureOn } from '../../config/shape/features.js';
import type { ThreadGoal } from '../../../schema/protocol/threads/thread-goal.js';
import type { ThreadState } from '../live/live-thread.js';
import { MAX_OBJECTIVE } from '../agenda/thread-goal.js';
import type { ToolDefinition } from '../model/provider/model-provider.js';
import type { Goals } from '../agenda/goals.js';
import { readArguments } from '../tool-types/tool-arguments.js';
import { functionDefinition, oneOf, text } from '../tool-types/definition.js';
import type { Tool, ToolContext } from '../tool-types/tool.js';

/** The statuses that the model may set. People, and the budget, set the others. */
const STATUSES = ['complete', 'blocked', 'paused'] as const;

export function goalTools(goals: Goals): readonly Tool[] {
  return [getGoal(goals), createGoal(goals), updateGoal(goals)];
}

const offered = (state: ThreadState, definition: () => ToolDefinition): ToolDefinition | null =>
  featureOn(state.table, 'goals') ? definition() : null;

function getGoal(goals: Goals): Tool {
  return {
    name: 'get_goal',
    definition: (state) =>
      offered(state, () =>
        functionDefinition(
          'get_goal',
          'Returns the goal of this thread: its objective and status, its budget, and what was used of it.',
          {},
          [],
        ),
      ),
    run(call, { thread, responded }) {
      readArguments(call.input, {});
      return Promise.resolve(told(report(goals.of(thread), null), responded));
    },
  };
}

function createGoal(goals: Goals): Tool {
  return {
    name: 'create_goal',
    definition: (state) =>
      offered(state, () =>
        functionDefinition(
          'create_goal',
          'Sets a goal that this thread works towards over several turns. Only when you were told to set one; not while another one is unfinished.',
          {
            objective: text('What is to be true in the end.'),
            token_budget: {
              type: 'integer',
              description: 'How many tokens it may cost; only when you were given a number.',
            },
          },
          ['objective'],
        ),
      ),
    run(call, { thread, turn, responded }) {
      const args = readArguments(call.input, {
        objective: { kind: 'string', required: true },
        token_budget: { kind: 'number' },
      });
      const { token_budget: budget } = args;
      const objective = args.objective.trim();
      return Promise.resolve(
        thread.ephemeral
          ? `ephemeral thread does not support goals: ${thread.id}`
          : objective === ''
            ? 'goal objective must not be empty'
            : [...objective].length > MAX_OBJECTIVE
              ? `goal objective must be at most ${MAX_OBJECTIVE} characters`
              : budget !== null && !(Number.isSafeInteger(budget) && budget > 0)
                ? 'goal budgets must be positive when provided'
                : isUnfinished(goals.of(thread))
                  ? 'cannot create a new goal because this thread has an unfinished goal; complete the existing goal first'
                  : told(report(goals.create(thread, turn, objective, budget), null), responded),
      );
    },
  };
}

function updateGoal(goals: Goals): Tool {
  return {
    name: 'update_goal',
    definition: (state) =>
      offered(state, () =>
        functionDefinition(
          'update_goal',
          'Says how the goal stands: complete when all of it is true and you have checked it; blocked when nothing you can do has helped for three turns; paused when a person asked for it.',
          { status: oneOf(STATUSES, 'How it stands.') },
          ['status'],
        ),
      ),
    run(call, { thread, turn, responded }) {
      const { status } = readArguments(call.input, { status: { kind: { oneOf: STATUSES }, required: true } });
      const goal = goals.setStatus(thread, turn, status);
      const word =
        status === 'complete' ? 'The goal is reached. Tell the person what it took, from this answer.' : null;
      return Promise.resolve(goal === null ? NO_GOAL : told(report(goal, word), responded));
    },
  };
}

const isUnfinished = (goal: ThreadGoal | null): boolean => goal !== null && goal.status !== 'complete';

const NO_GOAL = 'cannot update goal: this thread has none';

/** The report, which hooks learn, too. */
function told(text: string, responded: ToolContext['responded']): string {
  responded?.({ response: JSON.parse(text) });
  return text;
}

/** The output for the model. */
function report(goal: ThreadGoal | null, word: string | null): string {
  const budget = goal?.tokenBudget ?? null;
  const remainingTokens = goal === null || budget === null ? null : Math.max(0, budget - goal.tokensUsed);
  return JSON.stringify({ goal, remainingTokens, completionBudgetReport: word });
}
