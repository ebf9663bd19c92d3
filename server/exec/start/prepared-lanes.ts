/**
 * The processes that wait in idle lanes for the lanes' next commands.
 *
 * Threat: a command runs in the lane of another one, so its requests are judged and reported as the other's.
 * Rule: a process belongs to the lane object, not to words or numbers that are given again. The pool asks for it only
 * while nobody has the lane, and lends the lane when the process has been started. It is used only if its network
 * namespace is the lane's. It has ended before the lane is closed.
 * Scope: lanes that are namespaces. Non-scope: what the process is (process/prepared-start.ts).
 */
import type { LaneNamespace, LanePreparer } from '../../network-approval/registration/registration.js';
import type { AdvanceFiles } from '../../sandbox/policy/sandbox.js';
import { namespaceOf, networkNamespaceName } from '../../system/linux/process-table.js';
import type { PreparedStart } from '../process/prepared-start.js';
import { IDLE_MS, type MakeSpare } from './spare-process.js';

/** The pool prepares the lane that is next. More remain only where several commands end together. */
const MOST = 3;

interface Waiting {
  readonly prepared: PreparedStart;
  readonly timer: NodeJS.Timeout;
}

export class PreparedLanes implements LanePreparer {
  readonly #make: MakeSpare;
  readonly #waiting = new Map<LaneNamespace, Waiting>();
  /** Those of the last command in a lane; null: there was none. */
  #files: AdvanceFiles | null = null;
  #closed = false;

  constructor(make: MakeSpare) {
    this.#make = make;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** For a command that starts now in this lane. The process is the caller's then; null: none can be used. */
  take(lane: LaneNamespace, files: AdvanceFiles): PreparedStart | null {
    this.#files = files;
    const prepared = this.#remove(lane);
    if (prepared === null) return null;
    const isInside = namespaceOf(prepared.pid, 'net') === networkNamespaceName(lane.networkNamespace);
    if (prepared.usable && isInside) return prepared;
    void prepared.dispose();
    return null;
  }

  async prepare(lane: LaneNamespace): Promise<void> {
    const files = this.#files;
    if (files === null || this.#closed || this.#waiting.has(lane) || this.#waiting.size >= MOST) return;
    const prepared = await this.#make(files, lane.enter, () => {
      if (this.#waiting.get(lane)?.prepared === prepared) this.#remove(lane);
    });
    if (prepared === null) return;
    if (this.#closed || !prepared.usable) return prepared.dispose();
    const timer = setTimeout(() => void this.discard(lane), IDLE_MS).unref();
    this.#waiting.set(lane, { prepared, timer });
  }

  discard(lane: LaneNamespace): Promise<void> | null {
    return this.#remove(lane)?.dispose() ?? null;
  }

  async empty(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].flatMap((lane) => this.discard(lane) ?? []));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.empty();
  }

  #remove(lane: LaneNamespace): PreparedStart | null {
    const waiting = this.#waiting.get(lane);
    if (waiting === undefined) return null;
    this.#waiting.delete(lane);
    clearTimeout(waiting.timer);
    return waiting.prepared;
  }
}
