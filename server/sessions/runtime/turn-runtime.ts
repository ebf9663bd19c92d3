/**
 * The state of a running turn that clients do not see. live/live-turn.ts creates it and closes it at the end of the
 * turn.
 */
import { createGoalClock, type GoalClock } from './goal-clock.js';
import { createGrants, type Grants } from './grants.js';
import { closeParts, type ClosingOrder } from './part.js';
import { createReviewTally, type ReviewTally } from './review-tally.js';
import { createTurnDiffHolder, type TurnDiffHolder } from './turn-diff.js';

export interface TurnRuntime {
  /** Permissions for this turn only. */
  readonly grants: Grants;
  /** The changes of its patches. */
  readonly patches: TurnDiffHolder;
  readonly goalClock: GoalClock;
  /** What the automatic reviewer said. */
  readonly reviews: ReviewTally;
}

const ORDER: ClosingOrder<TurnRuntime> = {
  grants: 'nothing is permitted any more beside the state',
  patches: 'the diff was told',
  goalClock: 'no time is counted any more',
  reviews: 'nothing is judged any more',
};

export function createTurnRuntime(startedAtMs: number): TurnRuntime {
  return {
    grants: createGrants(),
    patches: createTurnDiffHolder(),
    goalClock: createGoalClock(startedAtMs),
    reviews: createReviewTally(),
  };
}

/** `failed`: see closeParts. */
export function closeTurnRuntime(runtime: TurnRuntime, failed: (name: string, error: Error) => void): void {
  closeParts(runtime, ORDER, failed);
}
