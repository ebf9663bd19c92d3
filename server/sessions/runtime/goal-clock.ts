/** How much of a turn's time is counted for the goal of the thread (docs/protocol/threads.md §9). */
import type { RuntimePart } from './part.js';

export interface GoalClock extends RuntimePart {
  /** A goal was set: only time after `nowMs` (since the epoch) counts. */
  restart(nowMs: number): void;
  /** Whole seconds since the last call; the remaining fraction counts in the next call. */
  take(nowMs: number): number;
}

/** The clock starts with its turn, in milliseconds since the epoch. */
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
