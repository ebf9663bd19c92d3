import type { CommandExecutionApprovalDecision } from '../../../schema/protocol/approvals/approval.js';
import type { CommandOwner, NetworkProtocol } from './denial.js';
import type { SessionMemory } from './session-memory.js';

/** What may be answered to a prompt: the wire's own form (docs/protocol/network.md §4). */
export type Decision = CommandExecutionApprovalDecision;

/** One question about one target of one command. */
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
 * An answer: a person's decision, or a reviewer's no in its own words (`refused`; null: those of the policy). null:
 * there is nobody to ask at this moment, so that the policy decides by itself.
 */
export type Reply = Decision | { readonly refused: string | null } | null;

/**
 * Who is asked about the network requests of a command: the connection that asked for it, the subscribers of its
 * thread, a reviewer. Whoever starts the command chooses (RegisterOptions.prompter).
 */
export interface Prompter {
  /** What was approved for as long as the owner lives; the owner keeps it (a thread, a connection). */
  readonly memory: SessionMemory;
  /** The decisions that are offered, in order. A denial is accepted even where it is not among them. */
  offers(prompt: Prompt): readonly Decision[];
  /**
   * Asks, and tells everybody who was asked when it is settled. `signal` is aborted when the answer no longer matters;
   * what comes after that is ignored. Rejects when the answer is an error or cannot be used: that is a refusal.
   */
  ask(prompt: Prompt, offered: readonly Decision[], signal: AbortSignal): Promise<Reply>;
  /** A rule was added to the rules files. */
  amended?(prompt: Prompt, action: 'allow' | 'deny'): void;
  /** Something about the answer did not go as it was meant; for the person who gave it. */
  warn?(prompt: Prompt, message: string): void;
}
