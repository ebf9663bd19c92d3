/**
 * The state of a loaded thread that clients do not see. turn/create-thread-runtime.ts creates it with the thread, and
 * live/create-live-thread.ts closes it with the thread.
 *
 * Threat: an approval or a grant that belongs to another thread, or that outlives its own. Rule: the state of a thread
 * is a member here. No map has a thread or a turn as its key (eslint refuses it in server/sessions). A review has its
 * own runtime, which defines for each member whether it is the thread's (turn/review-runtime.ts).
 */
import type { HookEventName } from '../../../schema/protocol/services/hooks.js';
import type { HookAnswer } from '../../hooks/run/hook-answer.js';
import type { HookResult } from '../../hooks/run/run-hooks.js';
import type { SessionMemory } from '../../network-approval/registration/session-memory.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import type { SessionApprovals } from './approvals.js';
import type { ExecSessions } from './exec-sessions.js';
import type { GoalSteps } from './goal-steps.js';
import type { Grants } from './grants.js';
import type { LeftOut } from './left-out.js';
import type { Pauses } from './pauses.js';
import { closeParts, type ClosingOrder, type RuntimePart } from './part.js';
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
  /** Programs of people and administrators at points of its turns. */
  readonly hooks: ThreadHooks;
  readonly schedule: Schedule;
  readonly work: ThreadWork;
  readonly goalSteps: GoalSteps;
  /** Questions of clients to a person, outside of the protocol. */
  readonly pauses: Pauses;
}

/** First the parts that can begin work, then the parts that do work, last the parts that permit it. */
const ORDER: ClosingOrder<ThreadRuntime> = {
  goalSteps: 'no step begins any more',
  schedule: 'no turn is promised any more',
  work: 'the history follows the thread no longer, and nothing waits for a turn',
  leftOut: 'no request is made any more',
  execSessions: 'commands that run are ended',
  mcp: 'MCP servers are ended',
  hooks: 'hooks are ended',
  pauses: 'no time limit waits for a person any more',
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

/** What an occurrence of an event is about. */
export interface HookSubject {
  /** The names that matchers are compared with; empty: the event has no subject. */
  readonly names: readonly string[];
  /** Hooks for one of these names are left out: they have run for another form of the same thing. */
  readonly except?: readonly string[];
  /** Members of the input that only this event has. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The id of a call or a request, which tells runs of one hook apart. */
  readonly id?: string;
}

/** The turn in which the event occurs. `signal`: its abort ends the hooks; null: they outlive the work of the turn. */
export interface HookTurn {
  readonly id: string;
  readonly signal: AbortSignal | null;
}

/** How a session began: the `source` of the event sessionStart. */
export type SessionBegin = 'startup' | 'resume' | 'clear' | 'compact' | 'fork';

/** The hooks of a loaded thread (docs/protocol/services.md §6). */
export interface ThreadHooks extends RuntimePart {
  /** Null: the hooks know. Set at the beginning, and after each compaction. */
  begun: SessionBegin | null;
  /** False: no hook is for the event, and nothing needs to be prepared for one. */
  has(event: HookEventName): boolean;
  /**
   * Runs the hooks of the event. Returns the results of those that somebody waits for, in their order. Never rejects.
   */
  run(event: HookEventName, about: HookSubject, turn: HookTurn | null): Promise<readonly HookResult[]>;
  /** The answers of hooks that nobody waited for, since the last call. */
  takeLate(): readonly HookAnswer[];
  /** Runs the hooks of the session's end. Never rejects. */
  end(): Promise<void>;
}
