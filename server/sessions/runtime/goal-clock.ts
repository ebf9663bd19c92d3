/** How much of a turn's time was counted for the goal that the thread works towards (docs/protocol/threads.md §9). */
import type { RuntimePart } from './part.js';

export interface GoalClock extends RuntimePart {
  /** Only what comes after `nowMs` (since the epoch) counts: a goal was set. */
  restart(nowMs: number): void;
  /** Whole seconds since the last call; what is less than a second is counted with what follows. */
  take(nowMs: number): number;
}

/** It starts with its turn, in milliseconds since the epoch. */
export function createGoalClock(startedAtMs: number): GoalClock {
  /** Null: closed. */
  let countedUntilMs: number | null = startedAtMs;
  return {
    restart(nowMs) {
      if (countedUntilMs !== null) countedUntilMs = nowMs;
    },
    take(nowMs) {
      if (countedUntilMs === null) return 0;
      const seconds = Math.floor((nowMs - countedUntilMs) / 1000);
      countedUntilMs += seconds * 1000;
      return seconds;
    },
    get held() {
      return countedUntilMs === null ? 0 : 1;
    },
    close() {
      countedUntilMs = null;
    },
  };
}
