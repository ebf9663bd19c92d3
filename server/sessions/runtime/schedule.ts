/** The running turn of a thread, the turn that was promised, and the clients that started them (turn/turns.ts). */
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import type { RuntimePart } from './part.js';
import type { TurnOutcome } from './turn-outcome.js';

/** The last turn that accepted messages. */
export interface LatestTurn {
  readonly id: string;
  readonly rootTurnId: string;
  /** The ids that clients gave to the messages of the turn. */
  readonly said: Set<string>;
  end: { readonly outcome: TurnOutcome; readonly startedAtMs: number; readonly atMs: number } | null;
}

export interface Schedule extends RuntimePart {
  /** A turn that was promised to a client and has not begun. */
  starting: { readonly id: string; interrupted: boolean } | null;
  running: { readonly id: string; readonly kind: 'turn' | 'review' | 'compact' } | null;
  latest: LatestTurn | null;
  /** The client that began the last turn. */
  client: ClientIdentity | null;
  /** The last warning that the person received about the model: it is unknown, or its context window is small. */
  modelWarning: string | null;
}

export function createSchedule(): Schedule {
  const schedule: Schedule = {
    starting: null,
    running: null,
    latest: null,
    client: null,
    modelWarning: null,
    get held() {
      const { starting, running, latest, client, modelWarning } = schedule;
      return [starting, running, latest, client, modelWarning].filter((one) => one !== null).length;
    },
    close() {
      schedule.starting = null;
      schedule.running = null;
      schedule.latest = null;
      schedule.client = null;
      schedule.modelWarning = null;
    },
  };
  return schedule;
}
