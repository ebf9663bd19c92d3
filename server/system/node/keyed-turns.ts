/** Work that takes turns: of all work with one key, one piece runs at a time, in the order of the calls. */

export interface KeyedTurns {
  /** Runs `work` when all earlier work with these keys has ended, also work that failed. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
  /** As `run`, for work whose end is somewhere else: resolves when it is its turn, and must be called to end it. */
  enter(keys: readonly string[]): Promise<() => void>;
}

export function createKeyedTurns(): KeyedTurns {
  const last = new Map<string, Promise<void>>();

  const enter = async (keys: readonly string[]): Promise<() => void> => {
    let end = (): void => {};
    const mine = new Promise<void>((resolve) => (end = resolve));
    const distinct = [...new Set(keys)];
    // All keys are taken in this one step, so no two pieces of work can wait for each other.
    const earlier = distinct.map((key) => last.get(key) ?? Promise.resolve());
    for (const key of distinct) last.set(key, mine);
    await Promise.all(earlier);
    return () => {
      for (const key of distinct) if (last.get(key) === mine) last.delete(key);
      end();
    };
  };
  return {
    enter,
    async run(keys, work) {
      const leave = await enter(keys);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
