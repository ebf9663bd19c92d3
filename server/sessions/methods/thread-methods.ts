/** The families of methods about threads, one file each, which use the parts of the daemon's sessions. */
import type { GoalDeps } from '../agenda/thread-goal.js';
import type { QueueDeps } from '../agenda/thread-queue.js';
import { attachmentMethods } from './attachments.js';
import { compressMethods, type CompressDeps } from './compress.js';
import { approvedPlanMethods } from './approved-plan.js';
import { commandMethods, type CommandDeps } from './turns/commands.js';
import { elicitationMethods } from './turns/elicitations.js';
import { realtimeMethods } from './turns/realtime.js';
import { goalMethods } from './goal-methods.js';
import { historyMethods } from './history.js';
import { lifecycleMethods } from './lifecycle.js';
import { listMethods, type ListDeps } from './list.js';
import { sampleMethods, type SampleDeps } from './turns/sample.js';
import { searchMethods } from './search.js';
import { loadedMethods, type LoadedDeps } from './loaded.js';
import { mcpMethods, type McpDeps } from './mcp.js';
import { memoryMethods } from './memory/memory.js';
import { metadataMethods } from './metadata.js';
import { projectMethods } from './projects.js';
import { queueMethods } from './queue.js';
import { rewindMethods } from './rewind.js';
import { sectionMethods } from './sections.js';
import type { LifecycleDeps } from './thread/lifecycle-common.js';
import { wokenThread } from './thread/load-thread.js';
import { turnMethods, type TurnDeps } from './turns/turn-methods.js';

export type ThreadMethodDeps = LifecycleDeps &
  ListDeps &
  LoadedDeps &
  GoalDeps &
  QueueDeps &
  TurnDeps &
  CommandDeps &
  McpDeps &
  CompressDeps &
  SampleDeps;

/** By family, with the names in server/app/method-families.ts. */
export function threadMethods(deps: ThreadMethodDeps) {
  return {
    lifecycle: lifecycleMethods(deps),
    loaded: loadedMethods(deps),
    history: historyMethods(deps),
    rewind: rewindMethods(deps),
    turns: turnMethods(deps),
    commands: commandMethods(deps),
    list: listMethods(deps),
    search: searchMethods(deps),
    metadata: metadataMethods(deps),
    mcp: mcpMethods(deps),
    memory: memoryMethods(deps),
    goals: goalMethods(deps),
    compress: compressMethods(deps),
    samples: sampleMethods(deps),
    plans: approvedPlanMethods(deps),
    elicitations: elicitationMethods(deps),
    realtimeSessions: realtimeMethods(deps),
    queue: queueMethods({ ...deps, wake: (id) => wokenThread(deps, id) }),
    sections: sectionMethods(deps),
    attachments: attachmentMethods(deps),
    projects: projectMethods(deps),
  };
}
