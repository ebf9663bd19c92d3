/** The commands that wait for a lane, in the order in which they came. */
import type { LaneTurn } from './lane-turn.js';

export interface LaneWaiter {
  readonly owner: string;
  resolve(turn: LaneTurn): void;
}

interface Waiter extends LaneWaiter {
  reject(error: Error): void;
}

export class LaneWaiters {
  readonly #waiting: Waiter[] = [];

  /** `signal` ends the wait: it rejects with the signal's reason. */
  wait(owner: string, signal?: AbortSignal): Promise<LaneTurn> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const waiter: Waiter = { owner, resolve, reject };
      const giveUp = (): void => {
        if (this.#remove(waiter)) reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** Takes the first one that may have a lane. Undefined: there is no such command. */
  next(mayTake: (owner: string) => boolean): LaneWaiter | undefined {
    const waiter = this.#waiting.find(({ owner }) => mayTake(owner));
    if (waiter !== undefined) this.#remove(waiter);
    return waiter;
  }

  owners(): string[] {
    return this.#waiting.map(({ owner }) => owner);
  }

  /** The command that waits longest gets the error. False: no command waits. */
  fail(error: Error): boolean {
    const waiter = this.#waiting.shift();
    waiter?.reject(error);
    return waiter !== undefined;
  }

  #remove(waiter: Waiter): boolean {
    const index = this.#waiting.indexOf(waiter);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }
}
