/**
 * The state of a loaded thread that clients do not see. turn/create-thread-runtime.ts creates it with the thread, and
 * live/create-live-thread.ts closes it with the thread.
 *
 * Threat: an approval or a grant that belongs to another thread, or that outlives its own. Rule: the state of a thread
 * is a member here. No map has a thread or a turn as its key (eslint refuses it in server/sessions). A review has its
 * own runtime, which defines for each member whether it is the thread's (turn/review-runtime.ts).
 */
import type { SessionMemory } from '../../network-approval/registration/session-memory.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import type { SessionApprovals } from './approvals.js';
import type { ExecSessions } from './exec-sessions.js';
import type { GoalSteps } from './goal-steps.js';
import type { Grants } from './grants.js';
import type { LeftOut } from './left-out.js';
import { closeParts, type ClosingOrder } from './part.js';
import type { Schedule } from './schedule.js';
import type { ThreadWork } from './thread-work.js';

export interface ThreadRuntime {
  /** Commands that a person approved. */
  readonly approvals: SessionApprovals;
  /** The resolved paths of files that a person allowed patches to change. */
  readonly patches: SessionApprovals;
  /** Permissions that a person granted. */
  readonly grants: Grants;
  /** Network targets that a person approved. */
  readonly network: SessionMemory;
  /** Commands with which the model can continue later. */
  readonly execSessions: ExecSessions;
  /** What endpoints do not take of the history. */
  readonly leftOut: LeftOut;
  /** MCP servers that run for it. */
  readonly mcp: McpServers;
  /** Tools of MCP servers that a person approved. */
  readonly mcpApprovals: SessionApprovals;
  readonly schedule: Schedule;
  readonly work: ThreadWork;
  readonly goalSteps: GoalSteps;
}

/** First the parts that can begin work, then the parts that do work, last the parts that permit it. */
const ORDER: ClosingOrder<ThreadRuntime> = {
  goalSteps: 'no step begins any more',
  schedule: 'no turn is promised any more',
  work: 'the history follows the thread no longer, and nothing waits for a turn',
  leftOut: 'no request is made any more',
  execSessions: 'commands that run are ended',
  mcp: 'MCP servers are ended',
  grants: 'nothing is permitted any more beside the state',
  patches: 'no file is approved any more',
  network: 'no target is approved any more',
  mcpApprovals: 'no tool of a server is approved any more',
  approvals: 'no command is approved any more',
};

/** `failed`: see closeParts. */
export function closeThreadRuntime(runtime: ThreadRuntime, failed: (name: string, error: Error) => void): void {
  closeParts(runtime, ORDER, failed);
}
