/**
 * The order of the calls of one answer. Calls run at the same time, except those that change files: such a call waits
 * for all earlier calls, and all later calls wait for it. So a command after a patch sees the patched files, and
 * several patches of one file are applied one after the other.
 */
export class CallOrder {
  readonly #running = new Set<Promise<unknown>>();
  /** The last call that runs alone; settled if there is none. */
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when its turn has come. */
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
