/**
 * What a long-running command works for: an MCP server works for one call after the other (sessions/mcp/sandbox/).
 *
 * Threat: the refusal of one call's request ends another call, or all of them with their command; an approval for one
 * call lets another one through.
 * Rule: a request belongs to the work that runs when it arrives, for as long as it takes to decide. Its refusal, its
 * prompts and its entry in the decision log are those of that work. The command continues.
 * Scope: requests of one command.
 * Non-scope: which work runs. A command that sends a request of one work during another one cannot be noticed.
 */
import type { CommandOwner, NetworkDenial } from './denial.js';
import type { Prompter } from './prompter.js';

export interface Work {
  /** Different for each work of a command. */
  readonly id: number;
  readonly owner: CommandOwner;
  /** Null: nobody is asked. */
  readonly prompter: Prompter | null;
  /** Aborted at its end: its prompts are withdrawn then. */
  readonly over: AbortSignal;
  /** A request was refused. Called before the command is answered. */
  denied(denial: NetworkDenial): void;
}
