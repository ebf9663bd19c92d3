/** How many lanes there may be, and how many commands each serves: by the descriptors that the process can have. */
import { descriptorLimit } from '../../system/programs/descriptors.js';
import type { LaneKind } from './lane.js';

export interface LaneSize {
  /** The number of commands that one lane serves, one after the other. */
  readonly pairsPerLane: number;
  /** The number of sockets that each of them has from the start; absent: the two of the proxies. */
  readonly socketsPerCommand?: number;
}

export interface PoolSize extends LaneSize {
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
/** A command with `transparent_tcp` has two more sockets, and such lanes are few: the start of one takes longer. */
const TRANSPARENT_SOCKETS = 4;
const TRANSPARENT_PER_LANE = 16;
/** The namespaces, and the sockets of its resolver. */
const TRANSPARENT_LANE = 2 + 3;

/** Lanes may use half of the descriptors that the process can have. */
export function poolSize(openFiles: number, kind: LaneKind = 'proxies'): PoolSize {
  const size = sizeOfProxyLanes(openFiles);
  if (kind === 'proxies') return size;
  const pairsPerLane = Math.min(size.pairsPerLane, TRANSPARENT_PER_LANE);
  return {
    pairsPerLane,
    socketsPerCommand: TRANSPARENT_SOCKETS,
    maxLanes: Math.max(
      Math.min(size.maxLanes, Math.floor(openFiles / 4 / (TRANSPARENT_SOCKETS * pairsPerLane + TRANSPARENT_LANE))),
      1,
    ),
  };
}

function sizeOfProxyLanes(openFiles: number): PoolSize {
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
export const descriptorsOfALane = ({ pairsPerLane, socketsPerCommand = 2 }: LaneSize): number =>
  socketsPerCommand * pairsPerLane + LANE_DESCRIPTORS + (socketsPerCommand > 2 ? TRANSPARENT_LANE : 0);

/** The descriptors that a lane needs before it is worth making: its own, and those of the command in it. */
export const descriptorsToMakeOne = (size: LaneSize): number => descriptorsOfALane(size) + COMMAND_DESCRIPTORS;
