/**
 * Everything that is kept for a loaded thread beside what the thread shows of itself. It is made with the thread, by
 * turn/create-thread-runtime.ts, and closed with it, by live/create-live-thread.ts.
 *
 * Threat: an approval or a grant that is looked up under another object than the thread, or that outlives it. Rule:
 * state of a thread is a member here; nothing is kept under a thread or a turn as a key (eslint refuses it in
 * server/sessions). A review has a runtime of its own, which says of each member whether it is the thread's
 * (turn/review-runtime.ts).
 */
import type { SessionMemory } from '../../network-approval/registration/session-memory.js';
import type { SessionApprovals } from './approvals.js';
import type { ExecSessions } from './exec-sessions.js';
import type { GoalSteps } from './goal-steps.js';
import type { Grants } from './grants.js';
import { closeParts, type ClosingOrder } from './part.js';
import type { Schedule } from './schedule.js';
import type { ThreadWork } from './thread-work.js';

export interface ThreadRuntime {
  /** Commands that a person approved. */
  readonly approvals: SessionApprovals;
  /** Where files really are that a person said may be changed. */
  readonly patches: SessionApprovals;
  /** Permissions that a person granted. */
  readonly grants: Grants;
  /** Network targets that a person approved. */
  readonly network: SessionMemory;
  /** Commands that the model may come back to. */
  readonly execSessions: ExecSessions;
  readonly schedule: Schedule;
  readonly work: ThreadWork;
  readonly goalSteps: GoalSteps;
}

/** First what could begin something, then what works, last what permits. */
const ORDER: ClosingOrder<ThreadRuntime> = {
  goalSteps: 'no step begins any more',
  schedule: 'no turn is promised any more',
  work: 'the history follows the thread no longer, and nothing waits for a turn',
  execSessions: 'commands that run are ended',
  grants: 'nothing is permitted any more beside the state',
  patches: 'no file is approved any more',
  network: 'no target is approved any more',
  approvals: 'no command is approved any more',
};

/** `failed`: see closeParts. */
export function closeThreadRuntime(runtime: ThreadRuntime, failed: (name: string, error: Error) => void): void {
  closeParts(runtime, ORDER, failed);
}
