/**
 * Who decides whether a command of the model runs, and how (spec/turns.md §6).
 *
 * Threat: a command that nobody allowed; an answer that allows more than it says; a shell line whose parts are judged by
 * less than all of it.
 * Rule: rules files come first, the strictest of all parts of a script wins; then the approval policy; then a person. What
 * is an error, is not understood, or was never offered is a refusal. Being approved does not lift the sandbox: only an
 * allowance in a rules file and an approved request for escalation do.
 * Non-scope: the network (approvals/thread-prompter.ts), what the sandbox lets through.
 */
import type { CommandExecutionRequestApprovalParams } from '../../../schema/approval.js';
import type { AdditionalPermissionProfile } from '../../../schema/permissions.js';
import type { CommandAction } from '../../../schema/item.js';
import { judgeCommand, strictest, type CommandJudgement } from '../../config/rules/judge-command.js';
import type { RuleSet } from '../../config/rules/rule.js';
import type { RuleBook } from '../../config/rules/rule-book.js';
import { RpcError } from '../../rpc/errors.js';
import type { LiveThread, LiveTurn, ThreadState } from '../live/live-thread.js';
import { joinWords } from '../store/shell-words.js';
import type { ReviewSubject, ReviewVerdict } from './auto-review.js';
import { plainCommands, possibleCommands } from '../tools/exec/shell-script.js';

export interface CommandToJudge {
  readonly itemId: string;
  /** The shell and its script. */
  readonly argv: readonly string[];
  readonly script: string;
  readonly cwd: string;
  readonly tty: boolean;
  readonly actions: readonly CommandAction[];
  /** The model asks to run it without the sandbox. */
  readonly escalate: boolean;
  readonly justification: string | null;
  /** What it needs beside the turn's permissions; null: nothing. */
  readonly additional: AdditionalPermissionProfile | null;
  /** What the model proposes to allow for good. */
  readonly prefixRule: readonly string[] | null;
}

export type CommandVerdict =
  /** `asked`: a person said yes; the item is started already. */
  | { readonly kind: 'run'; readonly unsandboxed: boolean; readonly asked: boolean }
  /** Nobody was asked; there is no item. Of the other refusals the item is complete. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'declined'; readonly cancel: boolean }
  /** The automatic reviewer said no, in these words. */
  | { readonly kind: 'rejected'; readonly text: string }
  /** Whoever was asked did not answer in a way that counts. */
  | { readonly kind: 'failed' };

/** What a thread's person has said yes to for as long as the thread is loaded. */
export type SessionApprovals = Set<string>;

export interface CommandApprovalOptions {
  readonly thread: LiveThread;
  readonly turn: LiveTurn;
  readonly state: ThreadState;
  readonly approved: SessionApprovals;
  readonly rules: Pick<RuleBook, 'current' | 'appendPrefixRule'>;
  readonly signal: AbortSignal;
  /** Called right before the question: the item is shown. */
  readonly show: () => void;
  /** Called when the answer is no, before the status says that nobody is asked any more (spec/turns.md §6). */
  readonly refuse: (status: 'declined' | 'failed') => void;
  /** Decides in the person's place; null: the person is asked. */
  readonly review: ((subject: ReviewSubject) => Promise<ReviewVerdict>) | null;
}

/** Rejects with the signal's reason when the turn was ended. */
export async function judge(command: CommandToJudge, options: CommandApprovalOptions): Promise<CommandVerdict> {
  const { state, approved, rules } = options;
  const set = rules.current();
  // What is no shell of the system may do anything with the script: then it is the program that is judged.
  const parts = isSystemShell(command.argv[0]) ? (plainCommands(command.script) ?? []) : [];
  const judged = parts.length > 0 ? parts : [command.argv];
  const judgements = judged.map((argv) => judgeCommand(set, argv, command.cwd));
  const ruling = stricterOf(strictest(judgements), hiddenRuling(command, set));
  const { approvalPolicy: policy } = state.wire;
  if (ruling?.decision === 'forbidden') return { kind: 'refused', text: forbidden(command, ruling) };
  if (ruling?.decision === 'allow') return { kind: 'run', unsandboxed: true, asked: false };

  const removes = judged.some(isForcedRemoval) || /(?:^|[\s;&|(])rm\s+(?:-\w+\s+)*-\w*f/.test(command.script);
  const reason =
    ruling?.decision === 'prompt'
      ? `\`${joinWords(command.argv)}\` requires approval${ruling.rule.justification === null ? '' : `: ${ruling.rule.justification}`}`
      : command.escalate || command.additional !== null
        ? command.justification
        : null;
  const { escalate, additional } = command;
  const mustAsk = ruling?.decision === 'prompt' || escalate || additional !== null || removes || policy === 'untrusted';
  if (!mustAsk) return { kind: 'run', unsandboxed: false, asked: false };
  const refusal = whyNobodyIsAsked(policy, {
    escalate,
    additional: additional !== null,
    ruled: ruling !== null,
    removes,
  });
  if (refusal !== null) return { kind: 'refused', text: refusal };

  const yes = { kind: 'run', unsandboxed: escalate, asked: true } as const;
  const what = parts.length > 0 ? parts : isSystemShell(command.argv[0]) ? command.script : command.argv;
  const key = JSON.stringify([what, command.cwd, command.tty, escalate, additional]);
  if (approved.has(key)) return { ...yes, asked: false };
  if (options.review !== null) return reviewed(command, options.review, reason, options, yes);
  const proposal = ruling === null ? proposalFor(command, parts, judgements) : null;
  const isAllowed = (): boolean =>
    strictest(judged.map((argv) => judgeCommand(rules.current(), argv, command.cwd)))?.decision === 'allow';
  return ask(command, reason, proposal, key, { ...options, isAllowed }, yes);
}

/** The model names the shell: only one of the system's does with a script what the script says. */
const isSystemShell = (program = ''): boolean =>
  /^(?:(?:\/usr)?(?:\/local)?\/bin\/)?(?:bash|sh|zsh|dash|ash|ksh)$/.test(program);

/** What rules forbid or ask about, wherever it stands in the script: behind a redirection, in a substitution, in a shell. */
function hiddenRuling({ script, cwd }: CommandToJudge, set: RuleSet): CommandJudgement | null {
  const found = possibleCommands(script).map((argv) => judgeCommand(set, argv, cwd));
  return strictest(found.filter((judgement) => judgement !== null && judgement.decision !== 'allow'));
}

function stricterOf(a: CommandJudgement | null, b: CommandJudgement | null): CommandJudgement | null {
  return b === null || a?.decision === 'forbidden' ? a : b.decision === 'forbidden' || a?.decision !== 'prompt' ? b : a;
}

/** What the model reads when the policy lets nobody be asked; null: somebody is. */
function whyNobodyIsAsked(
  policy: ThreadState['wire']['approvalPolicy'],
  what: {
    readonly escalate: boolean;
    readonly additional: boolean;
    readonly ruled: boolean;
    readonly removes: boolean;
  },
): string | null {
  if (policy === 'never') {
    if (what.escalate)
      return 'approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never';
    if (what.additional)
      return 'approval policy is Never; reject command — you cannot ask for additional permissions if the approval policy is Never';
    if (what.removes && !what.ruled) return 'rejected: rm -f style commands are not permitted. Use a safer approach';
    return 'approval required by policy, but AskForApproval is set to Never';
  }
  if (typeof policy === 'object') {
    const { sandbox_approval: sandbox, rules } = policy.granular;
    if (what.ruled && !rules) return 'approval required by policy rule, but AskForApproval::Granular.rules is false';
    if (!what.ruled && !sandbox)
      return 'approval required by policy, but AskForApproval::Granular.sandbox_approval is false';
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
  return { kind: 'rejected', text: verdict.text };
}

interface AskOptions extends CommandApprovalOptions {
  /** Whether the rules of this moment allow the whole command. */
  readonly isAllowed: () => boolean;
}

async function ask(
  command: CommandToJudge,
  reason: string | null,
  proposal: readonly string[] | null,
  key: string,
  { thread, turn, approved, rules, signal, show, refuse, isAllowed }: AskOptions,
  yes: CommandVerdict & { readonly kind: 'run' },
): Promise<CommandVerdict> {
  // A rule would allow the command for good, and without the sandbox: where more is asked for, that is another question.
  const amendment =
    proposal === null || command.additional !== null
      ? null
      : { acceptWithExecpolicyAmendment: { execpolicy_amendment: [...proposal] } };
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
    availableDecisions: ['accept', ...(amendment === null ? [] : [amendment]), 'cancel'],
  } as CommandExecutionRequestApprovalParams;
  thread.flag('waitingOnApproval', true);
  show();
  const failed = (): CommandVerdict => {
    refuse('failed');
    return { kind: 'failed' };
  };
  try {
    const { decision } = await thread.events.ask('item/commandExecution/requestApproval', params, signal);
    if (decision === 'accept') return yes;
    if (decision === 'acceptForSession') {
      approved.add(key);
      return yes;
    }
    if (decision === 'decline' || decision === 'cancel') {
      refuse('declined');
      return { kind: 'declined', cancel: decision === 'cancel' };
    }
    if (!('acceptWithExecpolicyAmendment' in decision) || amendment === null) return failed(); // It was never offered.
    const { execpolicy_amendment: prefix } = decision.acceptWithExecpolicyAmendment;
    if (JSON.stringify(prefix) !== JSON.stringify(proposal)) return failed();
    try {
      await rules.appendPrefixRule(prefix);
    } catch (error) {
      const message = `the rule for ${joinWords(prefix)} could not be saved: ${(error as Error).message}`;
      thread.events.notify('warning', { threadId: thread.id, message });
      return yes; // This run was approved all the same.
    }
    // It may cover a part of the script only; the rest was approved as it would have run.
    return { ...yes, unsandboxed: yes.unsandboxed || isAllowed() };
  } catch (error) {
    if (signal.aborted || !(error instanceof RpcError)) throw error;
    return failed();
  } finally {
    thread.flag('waitingOnApproval', false);
  }
}

/** What would have to be allowed so that the command is not asked about again; null: nothing can be proposed. */
function proposalFor(
  { argv, prefixRule }: CommandToJudge,
  parts: readonly (readonly string[])[],
  judgements: readonly (CommandJudgement | null)[],
): readonly string[] | null {
  const first = parts.length === 0 ? argv : (parts.find((_, n) => judgements[n]?.decision !== 'allow') ?? argv);
  const fits = prefixRule !== null && prefixRule.length > 0 && prefixRule.every((word, n) => first[n] === word);
  if (fits && !isTooBroad(prefixRule)) return prefixRule;
  return isTooBroad(first) ? null : first;
}

/** Programs that run whatever they are given: allowing one of them allows everything. */
const INTERPRETERS = new Set(
  'bash sh zsh dash fish python python3 node deno bun ruby perl php lua osascript env sudo xargs ssh nohup'.split(' '),
);

/** `python3`, and `python3 -c` as well: what is run stands behind it. */
function isTooBroad([program = '', ...rest]: readonly string[]): boolean {
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (INTERPRETERS.has(name)) return rest.every((word) => word.startsWith('-'));
  return rest.length === 0 && (name === 'git' || name === 'rm');
}

/** `rm -f`, also behind sudo; inside another shell's line it is found by its text. */
function isForcedRemoval(argv: readonly string[]): boolean {
  const words = argv[0] === 'sudo' ? argv.slice(1) : argv;
  const [program = '', ...args] = words;
  return /(?:^|\/)rm$/.test(program) && args.some((word) => /^-\w*f/.test(word) || word === '--force');
}

function forbidden({ argv }: CommandToJudge, { rule }: CommandJudgement): string {
  const why = rule.justification ?? `a rule forbids commands that begin with it (${rule.path}:${rule.line})`;
  return `\`${joinWords(argv)}\` rejected: ${why}`;
}
