/**
 * The order of the calls of one answer. Calls run at the same time, except those that change files: such a call waits
 * for all calls before it, and all calls behind it wait for it. A command behind a patch then sees the patched files,
 * and several patches of one file are made one after the other.
 */
export class CallOrder {
  readonly #running = new Set<Promise<unknown>>();
  /** The last call that runs alone; settled when there is none. */
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when it is its turn. */
  run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    const before = alone ? Promise.allSettled([...this.#running]) : this.#last;
    const done = before.then(work);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
    if (alone) this.#last = settled;
    return done;
  }
}
