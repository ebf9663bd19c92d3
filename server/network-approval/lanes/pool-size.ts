/** How many lanes there may be, and how many commands each serves: by the descriptors that the process can have. */
import { descriptorLimit } from '../../system/programs/descriptors.js';

export interface PoolSize {
  /** The number of commands that one lane serves, one after the other. */
  readonly pairsPerLane: number;
  /** Concurrent lanes; further commands wait. */
  readonly maxLanes: number;
}

/**
 * The number of commands that one namespace serves before it is replaced. A lane costs a Node start, which is 1 ms for
 * each of 64 commands. Every command's pair occupies two descriptors from the start, so where descriptors are scarce
 * the number is smaller.
 */
const PAIRS_PER_LANE = 64;
const PAIRS_WHEN_SCARCE = 8;
/** Below this number, a lane must leave enough descriptors for the command that will run in it. */
const VERY_SCARCE_BELOW = 256;
const PAIRS_WHEN_VERY_SCARCE = 2;

/** Two namespaces, and briefly the connections to the helper and the descriptors for its start. */
const LANE_DESCRIPTORS = 2 + 8;
/** The descriptors of the command that the lane is made for. */
const COMMAND_DESCRIPTORS = 12;
/** Below this limit of open files, descriptors count as scarce. Also the assumption for an unknown limit. */
const SCARCE_BELOW = 16_384;
const ASSUMED_FILES = 1024;
/** Lanes may use half of the descriptors that the process can have. */
export function poolSize(openFiles: number): PoolSize {
  const pairsPerLane =
    openFiles < VERY_SCARCE_BELOW
      ? PAIRS_WHEN_VERY_SCARCE
      : openFiles < SCARCE_BELOW
        ? PAIRS_WHEN_SCARCE
        : PAIRS_PER_LANE;
  return { pairsPerLane, maxLanes: Math.max(Math.floor(openFiles / 2 / (2 * pairsPerLane + 2)), 1) };
}

/** The soft limit, which Node raises to the hard limit at its start. */
export function openFilesLimit(): number {
  const limit = descriptorLimit();
  return limit === Infinity ? ASSUMED_FILES : limit;
}

/** The descriptors that a lane occupies, until it is closed. */
export const descriptorsOfALane = ({ pairsPerLane }: Pick<PoolSize, 'pairsPerLane'>): number =>
  2 * pairsPerLane + LANE_DESCRIPTORS;

/** The descriptors that a lane needs before it is worth making: its own, and those of the command in it. */
export const descriptorsToMakeOne = (size: Pick<PoolSize, 'pairsPerLane'>): number =>
  descriptorsOfALane(size) + COMMAND_DESCRIPTORS;
