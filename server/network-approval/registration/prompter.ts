import type { CommandExecutionApprovalDecision } from '../../../schema/protocol/approvals/approval.js';
import type { Answerer } from '../../rpc/connection/open-questions.js';
import type { CommandOwner, NetworkProtocol } from './denial.js';
import type { SessionMemory } from './session-memory.js';

/** The possible answers to a prompt, in the wire's form (docs/protocol/network.md §4). */
export type Decision = CommandExecutionApprovalDecision;

/** One prompt about one target of one command. */
export interface Prompt {
  readonly registrationId: string;
  readonly owner: CommandOwner;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly protocol: NetworkProtocol;
  /** Canonical. */
  readonly host: string;
  readonly port: number;
  /** One sentence for people. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
}

/**
 * An answer: a person's decision (`by`: the client that gave it), or a reviewer's refusal with its own text (`refused`;
 * null: the policy's text). null: nobody can be asked at this moment, so the policy decides alone.
 */
export type Reply =
  { readonly decision: Decision; readonly by: Answerer | null } | Decision | { readonly refused: string | null } | null;

/**
 * The recipient of prompts about a command's network requests: the connection that requested the command, the
 * subscribers of its thread, or a reviewer. The starter of the command chooses it (RegisterOptions.prompter).
 */
export interface Prompter {
  /** The approvals for the life of the owner (a thread, a connection), which keeps them. */
  readonly memory: SessionMemory;
  /** The offered decisions, in order. A denial is accepted even when it is not offered. */
  offers(prompt: Prompt): readonly Decision[];
  /**
   * Sends the prompt, and notifies all its recipients when it is settled. `signal` aborts when the answer no longer
   * matters; later answers are ignored. Rejects when the answer is an error or unusable; that counts as a refusal.
   */
  ask(prompt: Prompt, offered: readonly Decision[], signal: AbortSignal): Promise<Reply>;
  /** Called when a rule was added to the rules files. */
  amended?(prompt: Prompt, action: 'allow' | 'deny'): void;
  /** Reports a problem with the answer to the person who gave it. */
  warn?(prompt: Prompt, message: string): void;
}
