/** Creates the runtime of a thread (runtime/thread-runtime.ts). */
import { createSessionMemory } from '../../network-approval/registration/session-memory.js';
import { createLiveHistory, storedLeftOut } from '../context/live-history.js';
import type { RuntimeSource } from '../live/live-thread.js';
import { createApprovals } from '../runtime/approvals.js';
import { createGoalSteps } from '../runtime/goal-steps.js';
import { createGrants } from '../runtime/grants.js';
import { createLeftOut } from '../runtime/left-out.js';
import { createSchedule } from '../runtime/schedule.js';
import type { ThreadRuntime } from '../runtime/thread-runtime.js';
import { createThreadWork } from '../runtime/thread-work.js';
import type { ThreadStore } from '../store/records/thread-store.js';
import { createExecSessions } from '../tools/shell/create-exec-sessions.js';

/** `store`: reads the histories of threads. */
export function threadRuntimes(store: Pick<ThreadStore, 'find' | 'history'>): (thread: RuntimeSource) => ThreadRuntime {
  return (thread) => ({
    approvals: createApprovals(),
    patches: createApprovals(),
    grants: createGrants(),
    network: createSessionMemory(),
    execSessions: createExecSessions(),
    leftOut: createLeftOut(() => storedLeftOut(thread, store)),
    schedule: createSchedule(),
    work: createThreadWork(createLiveHistory(thread, store)),
    goalSteps: createGoalSteps(),
  });
}
