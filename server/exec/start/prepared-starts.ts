/**
 * The processes that wait for the next commands: at most one for each filter of system calls
 * (process/prepared-start.ts), and one whole sandbox (ready-sandboxes.ts).
 *
 * None is made before the first sandboxed command, and none stays when no command comes for a minute. While commands
 * start, another start would take the processor from them. So one is made when no command is starting: after the end
 * of a command, or when it has run for a while.
 */
import type { LaneLease, LanePreparer } from '../../network-approval/registration/registration.js';
import type { AdvanceFiles, AdvanceSandbox } from '../../sandbox/policy/sandbox.js';
import { countHolders, onScarcity } from '../../system/programs/descriptors.js';
import type { PreparedStart } from '../process/prepared-start.js';
import type { ReadySandbox } from '../process/ready-sandbox.js';
import { PreparedLanes } from './prepared-lanes.js';
import { ReadySandboxes } from './ready-sandboxes.js';
import { createSpareProcesses, IDLE_MS, type MakeSpare, type SpareProcessOptions } from './spare-process.js';

export interface PreparedStarts {
  /**
   * For a command that starts now, in its lane or without one, with such files, and in such a sandbox if it may be one
   * that waits. The process is the caller's then; at most one is there. Call `ended` once when the command has ended.
   */
  take(files: AdvanceFiles, lane: LaneLease | null, sandbox?: AdvanceSandbox | null): Taken;
  /** For the pool of lanes, which knows when a lane is idle. */
  readonly inLanes: LanePreparer;
  /** Ends those that wait. Resolves when they have ended. */
  close(): Promise<void>;
}

export interface Taken {
  readonly prepared: PreparedStart | null;
  readonly ready: ReadySandbox | null;
  ended(): void;
}

/** After the last command has ended, in milliseconds: its response is on the way, and its processes are gone. */
const REFILL_MS = 4;
/** A command that has run for so long has started. In milliseconds. */
const STARTED_MS = 250;

export function createPreparedStarts(options: SpareProcessOptions): PreparedStarts {
  const make = createSpareProcesses(options);
  const places = new Map<string, Place>();
  const inLanes = new PreparedLanes(make.start);
  const sandboxes = new ReadySandboxes(make.sandbox);
  const all = (): readonly Pick<Place, 'count' | 'empty' | 'close'>[] => [...places.values(), inLanes, sandboxes];
  const uncount = countHolders('prepared starts', () => all().reduce((sum, { count }) => sum + count, 0));
  const forget = onScarcity(async () => void (await Promise.all(all().map((each) => each.empty()))));
  return {
    take(files, lane, sandbox = null) {
      if (lane !== null) {
        const prepared = lane.prepared === undefined ? null : inLanes.take(lane.prepared, files);
        return { prepared, ready: null, ended: () => {} };
      }
      const place = places.get(files.key) ?? new Place(make.start, sandboxes);
      places.set(files.key, place);
      return place.take(files, sandbox);
    },
    inLanes,
    async close() {
      uncount();
      forget();
      await Promise.all(all().map((each) => each.close()));
    },
  };
}

/** The place of one process. */
class Place {
  readonly #make: MakeSpare;
  readonly #sandboxes: ReadySandboxes;
  #waiting: PreparedStart | null = null;
  #making: Promise<void> | null = null;
  readonly #running = new Set<{ readonly since: number }>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(make: MakeSpare, sandboxes: ReadySandboxes) {
    this.#make = make;
    this.#sandboxes = sandboxes;
  }

  get count(): number {
    return this.#waiting === null ? 0 : 1;
  }

  take(files: AdvanceFiles, sandbox: AdvanceSandbox | null): Taken {
    const ready = this.#sandboxes.take(sandbox);
    const prepared = ready === null && this.#waiting?.usable === true ? this.#waiting : null;
    if (ready === null) this.#waiting = null;
    const command = { since: performance.now() };
    this.#running.add(command);
    this.#after(STARTED_MS, () => this.#refill(files));
    return {
      prepared,
      ready,
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
    this.#sandboxes.refill();
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
