/**
 * A result for everybody who asks at about the same time. The first one starts the work at once, and shares it with the
 * same turn of the event loop. Those who ask less than `restMs` after that start share the next one, which begins when
 * the time is over. So many who ask cost no more than one run for each `restMs`. A result may be one turn older than
 * the question: never for a decision about a command. A run that fails fails for its callers.
 */
export function sharedPaced<T>(restMs: number, make: () => Promise<T>): () => Promise<T> {
  let startedAt = -Infinity;
  let current: Promise<T> | null = null;
  const start = (): Promise<T> => {
    startedAt = performance.now();
    setImmediate(() => (current = null));
    return make();
  };
  return () => {
    if (current === null) {
      const left = startedAt + restMs - performance.now();
      current = left <= 0 ? start() : new Promise((resolve) => setTimeout(resolve, left)).then(start);
    }
    return current;
  };
}
