/**
 * Prepares the lane that the next command gets, while no command runs in a lane.
 *
 * Threat: something prepared in a lane is still there when the numbers of the lane's descriptors have a new meaning, or
 * a command waits in a lane that something else enters. Rule: a lane that is being prepared is nobody's, and it is
 * closed only when nothing prepared is in it. Scope: the time of the preparation. Non-scope: what is prepared
 * (LanePreparer).
 */
import type { LanePreparer } from '../registration/registration.js';
import type { Lane, SocketPair } from './lane.js';

/** A lane and its unused pairs. */
export interface ReadyLane {
  readonly lane: Lane;
  readonly unused: SocketPair[];
}

export interface PreparationOptions {
  /** The idle lane that the next command would get, taken away. Undefined: there is none, or a command runs. */
  readonly take: () => ReadyLane | undefined;
  /** The end of the pool waits for this. */
  readonly track: (preparing: Promise<void>) => void;
  /** The lane comes back, also when its preparation failed. */
  readonly prepared: (ready: ReadyLane) => void;
}

/** A lane is prepared so long after the last command has ended: its response is on the way. In milliseconds. */
const PREPARE_MS = 4;

export class LanePreparation {
  readonly #options: PreparationOptions;
  #preparer: LanePreparer | null = null;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PreparationOptions) {
    this.#options = options;
  }

  /** From now on lanes are prepared. */
  use(preparer: LanePreparer): void {
    this.#preparer = preparer;
  }

  /** Lanes that are being prepared: nobody can have them. */
  get count(): number {
    return this.#count;
  }

  /** The last command has ended. */
  soon(): void {
    if (this.#preparer === null) return;
    this.hold();
    this.#timer = setTimeout(() => this.#prepare(), PREPARE_MS).unref();
  }

  /** A command has a lane, or the pool ends: nothing more is prepared before the next `soon`. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  /** Ends what is prepared in a lane that will be closed. Null: nothing is in it. */
  discard(lane: Lane): Promise<void> | null {
    return this.#preparer?.discard(lane) ?? null;
  }

  #prepare(): void {
    const preparer = this.#preparer;
    if (preparer === null || this.#count > 0) return;
    const ready = this.#options.take();
    if (ready === undefined) return;
    this.#count++;
    const preparing = preparer.prepare(ready.lane).finally(() => {
      this.#count--;
      this.#options.prepared(ready);
    });
    this.#options.track(preparing);
  }
}
