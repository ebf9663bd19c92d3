/**
 * The lanes of macOS: a pair of loopback ports for each command, which its profile alone opens.
 *
 * Threat: any process of this machine that no profile confines can connect to the ports.
 * Rule: no port serves two commands; it is closed for good when its command ends. A connection is closed unless the
 * system names the process that made it, and the command says that the process is its own (attribution.ts).
 * Scope: one pair for each command. Non-scope: that the profile closes all other ports (sandbox/macos).
 */
import { laneError } from '../../errors/network-errors.js';
import type { OwnerOf } from '../../system/programs/connection-owner.js';
import { Attribution, type AttributionOptions } from './attribution.js';
import type { LaneTurn } from './lane-turn.js';
import type { LaneCounts, LanePool, LaneRequest } from './lanes.js';
import { bindPair } from './port-pair.js';
import { createPortTurn } from './port-turn.js';

export interface OwnPortsOptions extends Pick<AttributionOptions, 'log'> {
  /**
   * Absent: the system names no owner. Otherwise one that it does not name is a stranger: a command's processes are of
   * this user, and the system names those.
   */
  readonly ownerOf?: OwnerOf | undefined;
}

/** Any port that the system chooses, and further ones if another program has one of them on ::1. */
const ANY_PORTS = Array.from({ length: 16 }, () => 0);

const UNNAMED: OwnerOf = () => Promise.resolve(undefined);

export function createOwnPortLanes({ log, ownerOf = UNNAMED }: OwnPortsOptions): LanePool {
  const turns = new Map<LaneTurn, Attribution>();
  let made = 0;
  let refused = 0;
  let closed = false;
  const shuttingDown = (): Error => laneError('the daemon is shutting down', 'Start it again');
  return {
    async acquire({ signal }: LaneRequest): Promise<LaneTurn> {
      signal?.throwIfAborted();
      if (closed) throw shuttingDown();
      const attribution = new Attribution({ ownerOf, strict: ownerOf !== UNNAMED, log });
      const pair = await bindPair(ANY_PORTS, (kind, socket) => attribution.accept(kind, socket));
      if (pair === null) throw laneError('no loopback port is free', 'End programs that have many connections');
      const turn = createPortTurn(pair, attribution, () => {
        pair.close();
        attribution.close();
        refused += attribution.refused;
        turns.delete(turn);
      });
      if (closed || signal?.aborted === true) {
        turn.end({ reusable: false });
        signal?.throwIfAborted();
        throw shuttingDown();
      }
      turns.set(turn, attribution);
      made++;
      return turn;
    },
    warm() {},
    counts: (): LaneCounts => ({
      idle: 0,
      inUse: turns.size,
      made,
      slots: 0,
      refused: [...turns.values()].reduce((sum, attribution) => sum + attribution.refused, refused),
    }),
    close() {
      closed = true;
      for (const turn of [...turns.keys()]) turn.end({ reusable: false });
      return Promise.resolve();
    },
  };
}
