/**
 * The processes that wait for the next commands (process/prepared-start.ts): at most one for each filter of system
 * calls.
 *
 * None is made before the first sandboxed command, and none stays when no command comes for a minute. While commands
 * start, another start would take the processor from them. So one is made when no command is starting: after the end
 * of a command, or when it has run for a while.
 */
import type { LaneLease, LanePreparer } from '../../network-approval/registration/registration.js';
import type { AdvanceFiles } from '../../sandbox/policy/sandbox.js';
import { countHolders, onScarcity } from '../../system/programs/descriptors.js';
import type { PreparedStart } from '../process/prepared-start.js';
import { PreparedLanes } from './prepared-lanes.js';
import { createSpareProcesses, IDLE_MS, type MakeSpare, type SpareProcessOptions } from './spare-process.js';

export interface PreparedStarts {
  /**
   * For a command that starts now, in its lane or without one, with such files. The process is the caller's then; null:
   * none waits. Call `ended` once when the command has ended.
   */
  take(files: AdvanceFiles, lane: LaneLease | null): { readonly prepared: PreparedStart | null; ended(): void };
  /** For the pool of lanes, which knows when a lane is idle. */
  readonly inLanes: LanePreparer;
  /** Ends those that wait. Resolves when they have ended. */
  close(): Promise<void>;
}

/** After the last command has ended, in milliseconds: its response is on the way, and its processes are gone. */
const REFILL_MS = 4;
/** A command that has run for so long has started. In milliseconds. */
const STARTED_MS = 250;

export function createPreparedStarts(options: SpareProcessOptions): PreparedStarts {
  const make = createSpareProcesses(options);
  const places = new Map<string, Place>();
  const inLanes = new PreparedLanes(make);
  const uncount = countHolders('prepared starts', () =>
    [...places.values(), inLanes].reduce((sum, { count }) => sum + count, 0),
  );
  const forget = onScarcity(
    async () => void (await Promise.all([...places.values(), inLanes].map((each) => each.empty()))),
  );
  return {
    take(files, lane) {
      if (lane !== null) {
        const prepared = lane.prepared === undefined ? null : inLanes.take(lane.prepared, files);
        return { prepared, ended: () => {} };
      }
      const place = places.get(files.key) ?? new Place(make);
      places.set(files.key, place);
      return place.take(files);
    },
    inLanes,
    async close() {
      uncount();
      forget();
      await Promise.all([...places.values(), inLanes].map((each) => each.close()));
    },
  };
}

/** The place of one process. */
class Place {
  readonly #make: MakeSpare;
  #waiting: PreparedStart | null = null;
  #making: Promise<void> | null = null;
  readonly #running = new Set<{ readonly since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(make: MakeSpare) {
    this.#make = make;
  }

  get count(): number {
    return this.#waiting === null ? 0 : 1;
  }

  take(files: AdvanceFiles): ReturnType<PreparedStarts['take']> {
    const prepared = this.#waiting?.usable === true ? this.#waiting : null;
    this.#waiting = null;
    const command = { since: performance.now() };
    this.#running.add(command);
    this.#after(STARTED_MS, () => this.#refill(files));
    return {
      prepared,
      ended: () => {
        this.#running.delete(command);
        if (!this.#isBusy()) this.#after(REFILL_MS, () => this.#refill(files));
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

  #refill(files: AdvanceFiles): void {
    this.#after(IDLE_MS, () => void this.empty());
    if (this.#waiting || this.#making) return;
    this.#making = this.#prepare(files).finally(() => (this.#making = null));
  }

  /** Never rejects. */
  async #prepare(files: AdvanceFiles): Promise<void> {
    const prepared = await this.#make(files, [], () => {
      if (this.#waiting?.usable === false) this.#waiting = null;
    });
    if (this.#closed) await prepared?.dispose();
    else this.#waiting = prepared;
  }
}
