/**
 * The processes that wait for the next commands (process/prepared-start.ts): at most one for each filter of system
 * calls.
 *
 * None is made before the first sandboxed command, and none stays when no command comes for a minute. While commands
 * start, another start would take the processor from them. So one is made when no command is starting: after the end
 * of a command, or when it has run for a while.
 */
import { messageOf } from '../../errors/message-of.js';
import type { AdvanceFiles } from '../../sandbox/policy/sandbox.js';
import {
  claimDescriptors,
  countHolders,
  descriptorLimit,
  descriptorsAreFew,
  onScarcity,
} from '../../system/programs/descriptors.js';
import type { PipePool } from '../process/pipe-pool.js';
import { prepareStart, type PreparedStart } from '../process/prepared-start.js';

export interface PreparedStarts {
  /**
   * For a command that starts now with such files. The process is the caller's then; null: none waits. Call `ended`
   * once when the command has ended.
   */
  take(files: AdvanceFiles): { readonly prepared: PreparedStart | null; ended(): void };
  /** Ends those that wait. Resolves when they have ended. */
  close(): Promise<void>;
}

export interface PreparedStartsOptions {
  readonly pipes: PipePool;
  readonly mark: readonly [name: string, value: string];
  /** Called when none could be made. */
  readonly warn: (message: string) => void;
}

/** After the last command has ended, in milliseconds: its response is on the way, and its processes are gone. */
const REFILL_MS = 4;
/** A command that has run for so long has started. In milliseconds. */
const STARTED_MS = 250;
/** How long one waits, and how long none is made after a failure, in milliseconds. */
const IDLE_MS = 60_000;
/** What one holds open, and its start for a moment. */
const DESCRIPTORS = 12;
/** With a lower limit, every descriptor is kept for commands. */
const ENOUGH_DESCRIPTORS = 1024;

export function createPreparedStarts(options: PreparedStartsOptions): PreparedStarts {
  const places = new Map<string, Place>();
  const uncount = countHolders('prepared starts', () =>
    [...places.values()].reduce((sum, place) => sum + place.count, 0),
  );
  const forget = onScarcity(async () => void (await Promise.all([...places.values()].map((place) => place.empty()))));
  return {
    take(files) {
      const place = places.get(files.key) ?? new Place(options);
      places.set(files.key, place);
      return place.take(files);
    },
    async close() {
      uncount();
      forget();
      await Promise.all([...places.values()].map((place) => place.close()));
    },
  };
}

/** The place of one process. */
class Place {
  readonly #options: PreparedStartsOptions;
  #waiting: PreparedStart | null = null;
  #making: Promise<void> | null = null;
  readonly #running = new Set<{ readonly since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #restsUntil = 0;
  #closed = false;

  constructor(options: PreparedStartsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#waiting === null ? 0 : 1;
  }

  take(files: AdvanceFiles): ReturnType<PreparedStarts['take']> {
    const prepared = this.#waiting?.usable === true ? this.#waiting : null;
    this.#waiting = null;
    const command = { since: performance.now() };
    this.#running.add(command);
    this.#after(STARTED_MS, () => this.#make(files));
    return {
      prepared,
      ended: () => {
        this.#running.delete(command);
        if (!this.#isBusy()) this.#after(REFILL_MS, () => this.#make(files));
      },
    };
  }

  /** Whether a command is still starting. */
  #isBusy(): boolean {
    const recent = performance.now() - STARTED_MS;
    return [...this.#running].some(({ since }) => since > recent);
  }

  /** Ends the one that waits. */
  async empty(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = null;
    await waiting?.dispose();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#making;
    await this.empty();
  }

  /** One timer serves all: the next event replaces what the last one planned. It does not keep the daemon running. */
  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(act, ms).unref();
  }

  #make(files: AdvanceFiles): void {
    this.#after(IDLE_MS, () => void this.empty());
    if (this.#waiting || this.#making || Date.now() < this.#restsUntil) return;
    if (descriptorLimit() < ENOUGH_DESCRIPTORS || descriptorsAreFew()) return;
    this.#making = this.#prepare(files).finally(() => (this.#making = null));
  }

  /** Never rejects. */
  async #prepare(files: AdvanceFiles): Promise<void> {
    const { pipes, mark, warn } = this.#options;
    let settle = (): void => {};
    try {
      settle = claimDescriptors('a prepared start', DESCRIPTORS);
      const prepared = await prepareStart({
        pipes,
        files,
        enter: [],
        mark,
        onEnd: () => {
          if (this.#waiting?.usable === false) this.#waiting = null;
        },
      });
      if (this.#closed) await prepared?.dispose();
      else this.#waiting = prepared;
    } catch (error) {
      this.#restsUntil = Date.now() + IDLE_MS;
      warn(`no start could be prepared, so the next commands start more slowly: ${messageOf(error)}`);
    } finally {
      settle();
    }
  }
}
