/** How far a thread got towards its goal by itself, and the step that waits (turn/follow-ups.ts). */
import type { RuntimePart } from './part.js';

export interface GoalSteps extends RuntimePart {
  /** The turn that is a step; null: none is. */
  turnId: string | null;
  /** Steps since a person last did something. */
  steps: number;
  /** Of them those in a row, up to now, that did no work. */
  idleSteps: number;
  /** Takes the step after `waitMs` milliseconds, in the place of one that waits. Does not keep the daemon alive. */
  later(step: () => void, waitMs: number): void;
  /** No step waits any more. */
  cancel(): void;
}

export function createGoalSteps(): GoalSteps {
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const cancel = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const steps: GoalSteps = {
    turnId: null,
    steps: 0,
    idleSteps: 0,
    later(step, waitMs) {
      cancel();
      if (closed) return;
      timer = setTimeout(() => {
        timer = null;
        step();
      }, waitMs).unref();
    },
    cancel,
    get held() {
      return (timer === null ? 0 : 1) + (steps.turnId === null ? 0 : 1);
    },
    close() {
      closed = true;
      cancel();
      steps.turnId = null;
    },
  };
  return steps;
}
