/** Asks a person about a command (docs/protocol/turns.md §6). Only an answer that was offered counts. */
import type {
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
} from '../../../schema/protocol/approvals/approval.js';
import type { RuleBook } from '../../config/rules/rule-book.js';
import { messageOf } from '../../errors/message-of.js';
import { RpcError } from '../../errors/rpc-error.js';
import { isAmong } from '../../network-approval/prompts/offered.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { SessionApprovals } from '../runtime/approvals.js';
import { joinWords } from '../shell/shell-words.js';
import type { CommandToJudge } from './judged-command.js';
import type { UnsandboxedCommand } from './unsandboxed-command.js';

/** The person allows it. `unsandboxed`: also without the sandbox. */
export interface Approved {
  readonly kind: 'run';
  readonly unsandboxed: boolean;
  readonly asked: boolean;
  /** The command to run instead, without the sandbox, because rules allow it; null: the command itself runs. */
  readonly replacement: UnsandboxedCommand | null;
}

export type PersonsAnswer =
  | Approved
  | { readonly kind: 'declined'; readonly cancel: boolean }
  /** The person's client gave no valid answer. */
  | { readonly kind: 'failed' };

export interface AskOptions {
  readonly thread: Pick<TurnThread, 'id' | 'flag'> & { readonly events: Pick<TurnThread['events'], 'ask' | 'notify'> };
  readonly turn: Pick<WorkTurn, 'id'>;
  /** Commands that the person approved while the thread is loaded. */
  readonly approved: Pick<SessionApprovals, 'add'>;
  readonly rules: Pick<RuleBook, 'appendPrefixRule'>;
  readonly signal: AbortSignal;
  /** Called just before the question: shows the item. */
  readonly show: () => void;
  /**
   * Called when the answer is a denial, before the status stops waiting for an approval (docs/protocol/turns.md §6).
   */
  readonly refuse: (status: 'declined' | 'failed') => void;
  /** The command that the current rules allow outside of the sandbox. */
  readonly unsandboxedNow: () => UnsandboxedCommand | null;
}

export interface Question {
  readonly reason: string | null;
  readonly proposal: readonly string[] | null;
  readonly key: string;
  /** Whether an approval for the session is offered. */
  readonly forSession: boolean;
}

/** Rejects with the signal's reason if the turn ended. `yes`: the result of an approval. */
export async function askPerson(
  command: CommandToJudge,
  { reason, proposal, key, forSession }: Question,
  { thread, turn, approved, rules, signal, show, refuse, unsandboxedNow }: AskOptions,
  yes: Approved,
): Promise<PersonsAnswer> {
  // A rule would allow the command permanently. If the command asks for more than that, a rule is not offered.
  const amendment =
    proposal === null || command.additional !== null
      ? []
      : [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: [...proposal] } }];
  const offered: CommandExecutionApprovalDecision[] = [
    'accept',
    ...(forSession ? ['acceptForSession' as const] : []),
    ...amendment,
    'cancel',
  ];
  const params = {
    kind: 'command',
    threadId: thread.id,
    turnId: turn.id,
    itemId: command.itemId,
    startedAtMs: Date.now(),
    environmentId: 'local',
    ...(reason === null ? {} : { reason }),
    command: joinWords(command.argv),
    cwd: command.cwd,
    commandActions: [...command.actions],
    ...(command.additional === null ? {} : { additionalPermissions: command.additional }),
    ...(proposal === null ? {} : { proposedExecpolicyAmendment: [...proposal] }),
    availableDecisions: offered,
  } as CommandExecutionRequestApprovalParams;
  thread.flag('waitingOnApproval', true);
  show();
  const failed = (): PersonsAnswer => {
    refuse('failed');
    return { kind: 'failed' };
  };
  try {
    const { decision } = await thread.events.ask('item/commandExecution/requestApproval', params, signal);
    if (!isAmong(decision, offered)) return failed();
    if (decision === 'accept') return yes;
    if (decision === 'acceptForSession') {
      approved.add(key);
      return yes;
    }
    if (typeof decision === 'string') {
      refuse('declined');
      return { kind: 'declined', cancel: decision === 'cancel' };
    }
    if (!('acceptWithExecpolicyAmendment' in decision)) return failed();
    const { execpolicy_amendment: prefix } = decision.acceptWithExecpolicyAmendment;
    try {
      await rules.appendPrefixRule(prefix);
    } catch (error) {
      const message = `the rule for ${joinWords(prefix)} could not be saved: ${messageOf(error)}`;
      thread.events.notify('warning', { threadId: thread.id, message });
      return yes; // This run was approved nevertheless.
    }
    // A rule may cover only a part of the script. The approval was for the rest in its original form.
    const replacement = yes.unsandboxed ? null : unsandboxedNow();
    return { ...yes, unsandboxed: yes.unsandboxed || replacement !== null, replacement };
  } catch (error) {
    if (signal.aborted || !(error instanceof RpcError)) throw error;
    return failed();
  } finally {
    thread.flag('waitingOnApproval', false);
  }
}
