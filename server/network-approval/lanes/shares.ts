/**
 * The lanes in use, by owner, and who may have a further one.
 *
 * Threat: an owner's commands occupy every lane, so that nobody else's proxied command ever starts.
 * Rule: an owner gets a further lane only while it uses fewer than are free. So one owner has at most half of them, the
 * next half of the rest, and so on. When there is one lane in all, the first owner gets it.
 * Scope: the numbers. Non-scope: which lane it is, and the order of those that wait (lanes.ts).
 */
export class LaneShares {
  readonly #most: number;
  /** Owners without lanes are absent. */
  readonly #used = new Map<string, number>();
  #inUse = 0;

  /** `most`: how many lanes may be in use. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The owner begins to use a lane. */
  take(owner: string): void {
    this.#used.set(owner, (this.#used.get(owner) ?? 0) + 1);
    this.#inUse++;
  }

  /** The owner does not use one of its lanes any more. */
  giveBack(owner: string): void {
    const used = (this.#used.get(owner) ?? 0) - 1;
    if (used > 0) this.#used.set(owner, used);
    else this.#used.delete(owner);
    this.#inUse--;
  }

  mayTake(owner: string): boolean {
    return mayHave(this.#used.get(owner) ?? 0, this.#most - this.#inUse);
  }

  /** How many of these owners could each take a lane, one after the other. */
  servable(owners: Iterable<string>): number {
    const used = new Map(this.#used);
    let free = this.#most - this.#inUse;
    let served = 0;
    for (const owner of owners) {
      const has = used.get(owner) ?? 0;
      if (!mayHave(has, free)) continue;
      used.set(owner, has + 1);
      free--;
      served++;
    }
    return served;
  }
}

/** The rule of shares. */
const mayHave = (used: number, free: number): boolean => used < free;
