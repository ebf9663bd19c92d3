/**
 * Work that is done once for everybody who waits for it. Each caller gets the result of a run that begins after its
 * call, so nobody gets a result that is older than its question. A run begins a turn of the event loop after its first
 * caller, and runs do not overlap: who asks during one gets the next one. A run that fails fails for its callers.
 */
export function sharedFresh<T>(make: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    if (next === null) {
      next = last.then(turn).then(() => {
        next = null;
        return make();
      });
      last = next.catch(() => undefined);
    }
    return next;
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
