/**
 * Work that is done once for everybody who waits for it. Each caller gets the result of a run that begins after its
 * call, so nobody gets a result that is older than its question. Runs do not overlap: who asks during one gets the next
 * one. A run that fails fails for its callers.
 *
 * Many who ask come one after the other, a few in each turn of the event loop. So a run begins after some turns without
 * a new caller. A turn without work takes no time, so one caller alone does not wait for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long callers are gathered before a run. */
export interface Gathering {
  /** Turns of the event loop in which nobody has asked. */
  readonly quietTurns?: number;
  /** Milliseconds after which no more turns are added for new callers. */
  readonly mostMs?: number;
  /** Milliseconds between the beginnings of two runs. */
  readonly restMs?: number;
}

export function sharedFresh<T>(make: () => Promise<T>, gathering: Gathering = {}): () => Promise<T> {
  const { quietTurns = 1, mostMs = 0, restMs = 0 } = gathering;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  let callers = 0;
  let begunAt = -Infinity;
  const quiet = (): Promise<void> =>
    new Promise((resolve) => {
      const until = performance.now() + mostMs;
      const turn = (left: number, known: number): void => {
        if (callers > known && performance.now() < until) setImmediate(turn, quietTurns - 1, callers);
        else if (left > 0) setImmediate(turn, left - 1, callers);
        else resolve();
      };
      turn(quietTurns, callers);
    });
  const gather = async (): Promise<void> => {
    const rest = begunAt + restMs - performance.now();
    if (rest > 0) await sleep(rest);
    await quiet();
  };
  return () => {
    callers++;
    if (next === null) {
      next = last.then(gather).then(() => {
        next = null;
        begunAt = performance.now();
        return make();
      });
      last = next.catch(() => undefined);
    }
    return next;
  };
}
