/** The steps that a thread takes towards its goal by itself, and the next step that waits (turn/follow-ups.ts). */
import type { RuntimePart } from './part.js';

export interface GoalSteps extends RuntimePart {
  /** The turn that is a step; null: no step is running. */
  turnId: string | null;
  /** Steps since a person last did something. */
  steps: number;
  /** How many of the last steps in a row did no work. */
  idleSteps: number;
  /**
   * Schedules a step after `waitMs` milliseconds; it replaces a step that waits. The timer does not keep the daemon
   * alive.
   */
  later(step: () => void, waitMs: number): void;
  /** Cancels the step that waits. */
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
