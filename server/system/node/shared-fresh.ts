/**
 * Work that is done once for everybody who waits for it. Each caller gets the result of a run that begins after its
 * call, so nobody gets a result that is older than its question. A run begins `turns` of the event loop after its first
 * caller, and runs do not overlap: who asks during one gets the next one. A run that fails fails for its callers.
 *
 * Many who ask come one after the other, a few in each turn. A turn without work takes no time, so more turns make one
 * caller wait no longer.
 */
export function sharedFresh<T>(make: () => Promise<T>, turns = 1): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    if (next === null) {
      next = last
        .then(() => afterTurns(turns))
        .then(() => {
          next = null;
          return make();
        });
      last = next.catch(() => undefined);
    }
    return next;
  };
}

const afterTurns = (turns: number): Promise<void> =>
  new Promise((resolve) => {
    const turn = (left: number): void => void (left === 0 ? resolve() : setImmediate(turn, left - 1));
    turn(turns);
  });
