/** Makes lanes, each with a helper process that ends when the lane is made, or with the daemon. */
import type { ChildProcess } from 'node:child_process';
import { isCode } from '../../errors/codexd-error.js';
import { laneError } from '../../errors/network-errors.js';
import type { SandboxStatus } from '../../sandbox/policy/sandbox.js';
import { claimDescriptors } from '../../system/programs/descriptors.js';
import {
  defaultLaneHelper,
  endHelper,
  findNsenter,
  makeLane,
  type Lane,
  type LaneKind,
  type LaneTools,
} from './lane.js';
import { descriptorsOfALane, type LaneSize } from './pool-size.js';

export interface LaneMakerOptions {
  /** The probed bubblewrap (Sandbox.status). */
  readonly status: () => Promise<SandboxStatus>;
  /** `proxies` by default. */
  readonly kind?: LaneKind | undefined;
  /** For tests: another helper, another nsenter. */
  readonly tools?: Partial<LaneTools>;
}

export class LaneMaker {
  readonly #options: LaneMakerOptions;
  readonly #size: LaneSize;
  readonly #helpers = new Set<ChildProcess>();
  #tools: Promise<LaneTools> | undefined;
  #closed = false;

  constructor(options: LaneMakerOptions, size: LaneSize) {
    this.#options = options;
    this.#size = size;
  }

  /** Ends the helpers of unfinished lanes, also of those that begin later. */
  close(): void {
    this.#closed = true;
    for (const helper of this.#helpers) endHelper(helper);
  }

  /** Rejects with `network.lane`. */
  async make(): Promise<Lane> {
    this.#tools ??= this.#findTools();
    let tools: LaneTools;
    try {
      tools = await this.#tools;
    } catch (error) {
      this.#tools = undefined; // the missing tool may be installed later
      throw error;
    }
    const settle = this.#claim();
    let helper: ChildProcess | undefined;
    try {
      return await makeLane(tools, this.#size.pairsPerLane, (child) => {
        helper = child;
        this.#helpers.add(child);
        if (this.#closed) endHelper(child);
      });
    } finally {
      settle();
      if (helper !== undefined) this.#helpers.delete(helper);
    }
  }

  /** Throws `network.lane` when too few descriptors are left. */
  #claim(): () => void {
    try {
      return claimDescriptors('a network lane', descriptorsOfALane(this.#size));
    } catch (error) {
      throw isCode(error, 'machine.descriptors') ? laneError(error.message) : error;
    }
  }

  async #findTools(): Promise<LaneTools> {
    const { tools = {}, status, kind = 'proxies' } = this.#options;
    const nsenter = tools.nsenter ?? findNsenter();
    const helper = tools.helper ?? defaultLaneHelper(kind);
    if (tools.bubblewrap !== undefined) return { bubblewrap: tools.bubblewrap, nsenter, helper, kind };
    const sandbox = await status();
    if (!sandbox.available) throw laneError(sandbox.reason, sandbox.fix);
    if (sandbox.kind !== 'bubblewrap')
      throw laneError('lanes of this kind are entered by bubblewrap, which is not here');
    return { bubblewrap: sandbox.program, nsenter, helper, kind };
  }
}
