/**
 * Decides whether a command of the model runs, and how (docs/protocol/turns.md §6).
 *
 * Threat: a command runs without permission; an answer allows more than it says; the parts of a shell line are judged
 * without the whole. Rule: rules files come first, and the strictest result for any part of a script wins. Then comes
 * the approval policy, then a person. An error, an answer that is not understood, or one that was not offered is a
 * refusal. Permission to run does not remove the sandbox. Only an approved request for escalation removes it, or an
 * allowing rule for programs that can run exactly as they were judged (unsandboxed-command.ts). An approval for the
 * session is for the same shell, flags, script, folder and permissions. Non-scope: the network
 * (approvals/thread-prompter.ts), and what the sandbox allows.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import type {
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
} from '../../../schema/protocol/approvals/approval.js';
import type { AdditionalPermissionProfile } from '../../../schema/protocol/common/permissions.js';
import type { CommandAction } from '../../../schema/protocol/threads/item.js';
import { matchCommand, strictest, type CommandRuleMatch } from '../../config/rules/match-command.js';
import type { RuleSet } from '../../config/rules/rule-set.js';
import type { RuleBook } from '../../config/rules/rule-book.js';
import { isAmong } from '../../network-approval/prompts/offered.js';
import { RpcError } from '../../errors/rpc-error.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { SessionApprovals } from '../runtime/approvals.js';
import type { ThreadState } from '../runtime/thread-state.js';
import { joinWords } from '../shell/shell-words.js';
import { plainScript, type PlainScript } from '../shell/plain-script.js';
import { possibleCommands } from '../shell/possible-commands.js';
import type { ReviewSubject, ReviewVerdict } from './auto-review.js';
import { removesByForce } from './forced-removal.js';
import type { UnsandboxedCommand } from './unsandboxed-command.js';
import { proposalFor } from './rule-proposal.js';

export interface CommandToJudge {
  readonly itemId: string;
  /** The shell and its script. */
  readonly argv: readonly string[];
  readonly script: string;
  readonly cwd: string;
  readonly tty: boolean;
  readonly actions: readonly CommandAction[];
  /** The model asks to run the command without the sandbox. */
  readonly escalate: boolean;
  readonly justification: string | null;
  /** What the command needs in addition to the turn's permissions; null: nothing. */
  readonly additional: AdditionalPermissionProfile | null;
  /** The prefix that the model proposes to allow permanently. */
  readonly prefixRule: readonly string[] | null;
}

export type CommandVerdict =
  /**
   * `asked`: a person approved; the item is started already. `replacement`: the command to run instead, without the
   * sandbox, because rules allow it; null: the command itself runs.
   */
  | {
      readonly kind: 'run';
      readonly unsandboxed: boolean;
      readonly asked: boolean;
      readonly replacement: UnsandboxedCommand | null;
    }
  /** Nobody was asked; there is no item. For the other refusals the item is complete. */
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'declined'; readonly cancel: boolean }
  /** The automatic reviewer denied it, with this text. */
  | { readonly kind: 'rejected'; readonly text: string }
  /** The person's client gave no valid answer. */
  | { readonly kind: 'failed' };

/** The text for the model. `prefixed`: the tool puts its own text before it. */
export interface Refusal {
  readonly text: string;
  readonly prefixed: boolean;
}

export interface CommandApprovalOptions {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly state: ThreadState;
  /** Commands that the person approved while the thread is loaded. */
  readonly approved: Pick<SessionApprovals, 'has' | 'add'>;
  readonly rules: Pick<RuleBook, 'latest' | 'appendPrefixRule'>;
  readonly signal: AbortSignal;
  /**
   * The command that runs without the sandbox because rules allow it; null: the sandbox stays (unsandboxed-command.ts).
   */
  readonly unsandboxedCommand: (
    command: CommandToJudge,
    script: PlainScript | null,
    set: RuleSet,
  ) => UnsandboxedCommand | null;
  /** Called just before the question: shows the item. */
  readonly show: () => void;
  /**
   * Called when the answer is a denial, before the status stops waiting for an approval (docs/protocol/turns.md §6).
   */
  readonly refuse: (status: 'declined' | 'failed') => void;
  /** Decides in the person's place; null: the person is asked. */
  readonly review: ((subject: ReviewSubject) => Promise<ReviewVerdict>) | null;
}

/** Rejects with the signal's reason if the turn ended. */
export async function judge(command: CommandToJudge, options: CommandApprovalOptions): Promise<CommandVerdict> {
  const { state, approved, rules } = options;
  const set = rules.latest();
  // A program that is not a shell of the system may do anything with the script. Then the program is judged.
  const script = isSystemShell(command.argv[0]) ? plainScript(command.script) : null;
  const parts = script?.pipelines.flat() ?? [];
  const judged = parts.length > 0 ? parts : [command.argv];
  const judgements = allowances(set, command, script, judged);
  const hidden = hiddenRuling(command, set);
  const ruling = stricterOf(strictest(judgements), hidden.judgement);
  const { approvalPolicy: policy } = state.wire;
  if (ruling?.decision === 'forbidden') return { kind: 'refused', ...prefixed(forbidden(command, ruling)) };
  const { escalate, additional } = command;
  const allowed = ruling?.decision === 'allow' && hidden.complete;
  if (allowed) {
    const replacement = options.unsandboxedCommand(command, script, set);
    if (replacement !== null) return { kind: 'run', unsandboxed: true, asked: false, replacement };
    // Permission to run is not permission to run without the sandbox.
    if (!escalate && additional === null) return { kind: 'run', unsandboxed: false, asked: false, replacement: null };
  }
  const removes = !allowed && removesByForce(judged, command.script);
  const prompts = ruling?.decision === 'prompt' || !hidden.complete;
  const mustAsk = prompts || escalate || additional !== null || removes || (policy === 'untrusted' && !allowed);
  if (!mustAsk) return { kind: 'run', unsandboxed: false, asked: false, replacement: null };
  const refusal = whyNobodyIsAsked(policy, {
    escalate,
    additional: additional !== null,
    ruled: prompts,
    allowed,
    removes,
  });
  if (refusal !== null) return { kind: 'refused', ...refusal };

  const reason = reasonToAsk(command, ruling, hidden.complete);
  const yes = { kind: 'run', unsandboxed: escalate, asked: true, replacement: null } as const;
  const key = sessionKey(command, state);
  if (approved.has(key)) return { ...yes, asked: false };
  if (options.review !== null) return reviewed(command, options.review, reason, options, yes);
  const proposal = ruling === null && hidden.complete ? proposalFor(command, parts, judgements) : null;
  const unsandboxedNow = (): UnsandboxedCommand | null => {
    const now = rules.latest();
    const ruled = strictest(allowances(now, command, script, judged));
    return ruled?.decision === 'allow' ? options.unsandboxedCommand(command, script, now) : null;
  };
  // Permanent and session approvals are offered only for commands whose words are understood. A command that leaves the
  // sandbox is always asked about.
  const forSession = script !== null && !escalate && additional === null && !prompts;
  return ask(command, { reason, proposal, key, forSession }, { ...options, unsandboxedNow }, yes);
}

/** The model chooses the shell: only a shell of the system is known to run the script as it is written. */
const isSystemShell = (program = ''): boolean =>
  /^(?:(?:\/usr)?(?:\/local)?\/bin\/)?(?:bash|sh|zsh|dash|ash|ksh)$/.test(program);

/**
 * The rules' results for each command. An allowance does not count for words that look different from what they are,
 * and not for a program whose path leads elsewhere.
 */
function allowances(
  set: RuleSet,
  { cwd }: CommandToJudge,
  script: PlainScript | null,
  judged: readonly (readonly string[])[],
): readonly (CommandRuleMatch | null)[] {
  const folder = realFolder(cwd);
  const moves = judged.some(([program = '']) => /^(?:cd|pushd|popd|chdir)$/.test(program));
  return judged.map((argv) => {
    const [program = ''] = argv;
    const judgement = matchCommand(set, argv, folder);
    if (judgement?.decision !== 'allow') return judgement;
    const elsewhere = program.split('/').includes('..') || (moves && program.includes('/') && !program.startsWith('/'));
    return elsewhere || script?.clean === false ? null : judgement;
  });
}

function realFolder(folder: string): string {
  try {
    return fs.realpathSync(folder);
  } catch {
    return folder; // the folder does not exist, so nothing can run in it
  }
}

/** Everything that a person saw, and the permissions with which it ran. */
const sessionKey = ({ argv, cwd, tty, escalate, additional }: CommandToJudge, { wire }: ThreadState): string =>
  JSON.stringify([
    argv,
    cwd,
    realFolder(cwd),
    tty,
    escalate,
    additional,
    wire.sandboxPolicy,
    wire.activePermissionProfile,
  ]);

/**
 * Rules that forbid or ask apply at any place of the script: after a redirection, in a substitution, in a nested shell.
 */
function hiddenRuling(
  { script, cwd }: CommandToJudge,
  set: RuleSet,
): { readonly judgement: CommandRuleMatch | null; readonly complete: boolean } {
  if (set.prefixRules.every(({ decision }) => decision === 'allow')) return { judgement: null, complete: true };
  const { commands, complete } = possibleCommands(script);
  const found = commands.map((argv) => matchCommand(set, argv, cwd));
  return {
    judgement: strictest(found.filter((judgement) => judgement !== null && judgement.decision !== 'allow')),
    complete,
  };
}

function reasonToAsk(
  { argv, escalate, additional, justification }: CommandToJudge,
  ruling: CommandRuleMatch | null,
  complete: boolean,
): string | null {
  if (ruling?.decision === 'prompt') {
    const why = ruling.rule.justification === null ? '' : `: ${ruling.rule.justification}`;
    return `\`${joinWords(argv)}\` requires approval${why}`;
  }
  if (!complete) return 'It is too long, or too deeply nested, to look for what rules forbid';
  return escalate || additional !== null ? justification : null;
}

function stricterOf(a: CommandRuleMatch | null, b: CommandRuleMatch | null): CommandRuleMatch | null {
  return b === null || a?.decision === 'forbidden' ? a : b.decision === 'forbidden' || a?.decision !== 'prompt' ? b : a;
}

const alone = (text: string): Refusal => ({ text, prefixed: false });
const prefixed = (text: string): Refusal => ({ text, prefixed: true });

/** The text for the model if the policy allows no question; null: a question is allowed. */
function whyNobodyIsAsked(
  policy: ThreadState['wire']['approvalPolicy'],
  what: {
    readonly escalate: boolean;
    readonly additional: boolean;
    readonly ruled: boolean;
    /** Rules allow the command in the sandbox. */
    readonly allowed: boolean;
    readonly removes: boolean;
  },
): Refusal | null {
  if (policy === 'never') {
    if (what.allowed)
      return alone(
        'approval policy is Never; reject command — rules allow it inside of the sandbox only: run it with the usual permissions',
      );
    if (what.escalate)
      return alone(
        'approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never',
      );
    if (what.additional)
      return alone(
        'approval policy is Never; reject command — you cannot ask for additional permissions if the approval policy is Never',
      );
    if (what.removes && !what.ruled)
      return prefixed('rejected: rm -f style commands are not permitted. Use a safer approach');
    return prefixed('approval required by policy, but AskForApproval is set to Never');
  }
  if (typeof policy === 'object') {
    const { sandbox_approval: sandbox, rules } = policy.granular;
    if (what.ruled && !rules)
      return prefixed('approval required by policy rule, but AskForApproval::Granular.rules is false');
    if (!what.ruled && !sandbox)
      return prefixed('approval required by policy, but AskForApproval::Granular.sandbox_approval is false');
  }
  return null;
}

async function reviewed(
  { itemId, argv, cwd, tty, escalate, additional, justification }: CommandToJudge,
  review: NonNullable<CommandApprovalOptions['review']>,
  reason: string | null,
  { show, refuse }: CommandApprovalOptions,
  yes: CommandVerdict & { readonly kind: 'run' },
): Promise<CommandVerdict> {
  show();
  const verdict = await review({
    targetItemId: itemId,
    action: { type: 'command', source: 'unifiedExec', command: joinWords(argv), cwd },
    planned: {
      tool: 'exec_command',
      command: argv,
      cwd,
      tty,
      without_sandbox: escalate,
      additional_permissions: additional,
      justification,
      asked_because: reason,
    },
  });
  if (verdict.allowed) return yes;
  refuse('declined');
  verdict.settle();
  return { kind: 'rejected', text: verdict.text };
}

interface AskOptions extends CommandApprovalOptions {
  /** The command that the current rules allow outside of the sandbox. */
  readonly unsandboxedNow: () => UnsandboxedCommand | null;
}

interface Question {
  readonly reason: string | null;
  readonly proposal: readonly string[] | null;
  readonly key: string;
  /** Whether an approval for the session is offered. */
  readonly forSession: boolean;
}

async function ask(
  command: CommandToJudge,
  { reason, proposal, key, forSession }: Question,
  { thread, turn, approved, rules, signal, show, refuse, unsandboxedNow }: AskOptions,
  yes: CommandVerdict & { readonly kind: 'run' },
): Promise<CommandVerdict> {
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
  const failed = (): CommandVerdict => {
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

function forbidden({ argv }: CommandToJudge, { rule }: CommandRuleMatch): string {
  const why = rule.justification ?? `a rule forbids commands that begin with it (${rule.path}:${rule.line})`;
  return `\`${joinWords(argv)}\` rejected: ${why}`;
}
