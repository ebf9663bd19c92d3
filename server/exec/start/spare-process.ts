/** Starts one process in advance, if there is room for it. */
import { messageOf } from '../../errors/message-of.js';
import type { AdvanceFiles } from '../../sandbox/policy/sandbox.js';
import { claimDescriptors, descriptorLimit, descriptorsAreFew } from '../../system/programs/descriptors.js';
import type { PipePool } from '../process/pipe-pool.js';
import { prepareStart, type PreparedStart } from '../process/prepared-start.js';
import { makeReady } from '../process/ready-sandbox.js';
import type { MakeReady } from './ready-sandboxes.js';

export interface SpareProcessOptions {
  readonly pipes: PipePool;
  readonly mark: readonly [name: string, value: string];
  /** Called when none could be made. */
  readonly warn: (message: string) => void;
}

/** null: there is no room, or it failed. Never rejects. `enter`, `onEnd`: as in PrepareOptions. */
export type MakeSpare = (
  files: AdvanceFiles,
  enter: readonly string[],
  onEnd: () => void,
) => Promise<PreparedStart | null>;

export interface SpareProcesses {
  readonly start: MakeSpare;
  readonly sandbox: MakeReady;
}

/** How long one waits, and how long none is made after a failure, in milliseconds. */
export const IDLE_MS = 60_000;
/** What one holds open, and its start for a moment. */
const DESCRIPTORS = 12;
/** With a lower limit, every descriptor is kept for commands. */
const ENOUGH_DESCRIPTORS = 1024;

export function createSpareProcesses({ pipes, mark, warn }: SpareProcessOptions): SpareProcesses {
  let restsUntil = 0;
  const ifRoom = async <T>(make: () => Promise<T | null>): Promise<T | null> => {
    if (Date.now() < restsUntil || descriptorLimit() < ENOUGH_DESCRIPTORS || descriptorsAreFew()) return null;
    let settle = (): void => {};
    try {
      settle = claimDescriptors('a prepared start', DESCRIPTORS);
      return await make();
    } catch (error) {
      restsUntil = Date.now() + IDLE_MS;
      warn(`no start could be prepared, so the next commands start more slowly: ${messageOf(error)}`);
      return null;
    } finally {
      settle();
    }
  };
  return {
    start: (files, enter, onEnd) => ifRoom(() => prepareStart({ pipes, files, enter, mark, onEnd })),
    sandbox: (sandbox, onEnd) => ifRoom(() => makeReady({ pipes, sandbox, mark, onEnd })),
  };
}
