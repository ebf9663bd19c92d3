/**
 * Starts the next turn of a thread when one has ended: with the next message of its queue, else with the next step
 * towards its goal.
 *
 * Threat: a loop of model requests that nobody watches. Rule: after an interrupted or failed turn nothing follows until
 * a person does something. Steps that did no work wait longer each time, and after a few of them the goal is blocked.
 * The number of steps without a person is limited. The reference has none of these limits (docs/protocol/threads.md
 * §9).
 */
import { describe } from '../../errors/describe.js';
import { featureOn } from '../../config/shape/features.js';
import type { Logger } from '../../log/log.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import type { ThreadGoal, ThreadGoalStatus } from '../../../schema/protocol/threads/thread-goal.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LiveThread, LiveTurn, TurnOutcome } from '../live/live-thread.js';
import type { LiveThreads } from '../live/live-threads.js';
import { startFirst, type QueueDeps } from '../agenda/thread-queue.js';
import type { HistoryItem } from '../model/provider/model-provider.js';
import { newId, type ThreadId } from '../store/records/thread-id.js';
import { PROTOCOL_VERSION } from '../../package/package-version.js';
import type { Goals } from '../agenda/goals.js';
import type { Turns } from './turns.js';

export interface FollowUpsOptions {
  readonly catalog: Catalog;
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly turns: Turns;
  readonly goals: Goals;
  readonly startTurn: QueueDeps['startTurn'];
  readonly log: Logger;
}

export interface FollowUps {
  turnEnded(thread: LiveThread, turn: LiveTurn, outcome: TurnOutcome): void;
  /** A person set or cleared the goal. */
  goalChanged(id: ThreadId, goal: ThreadGoal | null): void;
}

/** In milliseconds between two steps; four times as long after each step that did no work. */
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 60_000;
/** After this many steps in a row without work, the goal is blocked. */
const MAX_IDLE_STEPS = 5;
/** After this many steps without a person, the goal is paused. */
const MAX_STEPS = 200;

export function createFollowUps(options: FollowUpsOptions): FollowUps {
  const { catalog, threads, turns, goals, startTurn, log } = options;

  const nextQueued = (thread: LiveThread): boolean => {
    try {
      return startFirst({ catalog, startTurn, isIdle: turns.idle }, thread, turns.client(thread));
    } catch (error) {
      log.warn(...describe(`the next message in the queue of thread ${thread.id} cannot be sent`, error));
      return false;
    }
  };

  const giveUp = (thread: LiveThread, status: ThreadGoalStatus, message: string): void => {
    goals.setStatus(thread, null, status);
    thread.events.notify('warning', { threadId: thread.id, message });
  };
  const stepLater = (thread: LiveThread, waitMs: number): void => {
    const { goalSteps } = thread.runtime;
    goalSteps.later(() => {
      try {
        step(thread);
      } catch (error) {
        log.error(...describe(`thread ${thread.id} cannot go on with its goal`, error));
      }
    }, waitMs);
  };
  const step = (thread: LiveThread): void => {
    const { goalSteps } = thread.runtime;
    if (threads.get(thread.id) !== thread || !turns.idle(thread)) return;
    const goal = goals.of(thread);
    const { table, wire } = thread.state;
    if (goal?.status !== 'active' || !featureOn(table, 'goals') || wire.collaborationMode.mode === 'plan') return;
    if (goalSteps.steps >= MAX_STEPS)
      return giveUp(thread, 'paused', `The goal is paused: it took ${MAX_STEPS} turns without a word from anybody.`);
    if (goalSteps.idleSteps >= MAX_IDLE_STEPS)
      return giveUp(thread, 'blocked', `The goal is blocked: nothing was done in ${MAX_IDLE_STEPS} turns in a row.`);
    goalSteps.steps++;
    const { turnId, begin } = turns.submit(thread, {
      input: { input: [], clientUserMessageId: null, before: continuation(goal), toolOutput: null },
      outputSchema: null,
      rootTurnId: null,
      client: turns.client(thread) ?? CODEXD_CLIENT,
    });
    goalSteps.turnId = turnId;
    begin();
  };

  return {
    turnEnded(thread, turn, { status }) {
      const { goalSteps } = thread.runtime;
      const isStep = goalSteps.turnId === turn.id;
      goalSteps.turnId = null;
      if (!isStep) goalSteps.steps = goalSteps.idleSteps = 0;
      else goalSteps.idleSteps = didWork(turn) ? 0 : goalSteps.idleSteps + 1;
      if (status !== 'completed' || nextQueued(thread) || thread.ephemeral) return;
      if (goals.of(thread)?.status !== 'active') return;
      const waitMs = isStep ? Math.min(FIRST_WAIT_MS * 4 ** goalSteps.idleSteps, MAX_WAIT_MS) : 0;
      stepLater(thread, waitMs);
    },
    goalChanged(id, goal) {
      const thread = threads.get(id);
      if (thread === null) return;
      const { goalSteps } = thread.runtime;
      goalSteps.steps = goalSteps.idleSteps = 0;
      if (goal?.status === 'active') stepLater(thread, 0);
      else goalSteps.cancel();
    },
  };
}

const CODEXD_CLIENT: ClientIdentity = { name: 'codexd', version: PROTOCOL_VERSION, title: null };

/** Whether the turn did more than write messages. */
function didWork(turn: LiveTurn): boolean {
  return turn.snapshot('full').items.some(({ type }) => !MESSAGE_TYPES.has(type));
}
const MESSAGE_TYPES: ReadonlySet<string> = new Set([
  'userMessage',
  'agentMessage',
  'reasoning',
  'plan',
  'contextCompaction',
]);

/**
 * The message for the model in the user's role. The objective is in the form of a tool's output, because it is not an
 * instruction of codexd.
 */
function continuation({ objective, tokenBudget, tokensUsed }: ThreadGoal): HistoryItem[] {
  const budget = tokenBudget ?? null;
  const tokens =
    budget === null
      ? `Tokens used so far: ${tokensUsed}.`
      : `Tokens used so far: ${tokensUsed} of ${budget}; ${Math.max(0, budget - tokensUsed)} remain.`;
  const text = `<codex_internal_context source="goal">
Go on working towards the goal of this thread, which the goal_objective above says (get_goal returns it again). Nobody has written a new message.

Look at how things stand now rather than at what was said before, and take the next step that brings them closer to the whole of the objective, not to an easier one. When all of it is true and you have checked each part, call update_goal with status complete. When the same obstacle has stopped you for three turns and nothing you can do helps, say what it is and call update_goal with status blocked. A turn that only repeats the plan or the state is no step.
${tokens}
</codex_internal_context>`;
  return [
    {
      type: 'function_call_output',
      id: `fco_${newId()}`,
      name: 'goal_objective',
      namespace: 'agent',
      output: objective,
    },
    { type: 'message', id: `msg_${newId()}`, role: 'user', content: [{ type: 'input_text', text }] },
  ];
}
