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
import { strictest, type CommandRuleMatch } from '../../config/rules/match-command.js';
import type { RuleBook } from '../../config/rules/rule-book.js';
import type { RuleSet } from '../../config/rules/rule-set.js';
import { windowsShell } from '../../system/programs/model-shell.js';
import type { askHooks, AskedPermission } from '../hooks/permission-hooks.js';
import { SHELL_NAMES } from '../hooks/tool-names.js';
import type { SessionApprovals } from '../runtime/approvals.js';
import type { ThreadState } from '../runtime/thread-state.js';
import { plainScript, type PlainScript } from '../shell/plain-script.js';
import { joinWords } from '../shell/shell-words.js';
import { askPerson, type Approved, type AskOptions, type PersonsAnswer } from './ask-person.js';
import type { ReviewSubject, ReviewVerdict } from './auto-review.js';
import { removesByForce } from './forced-removal.js';
import {
  allowances,
  hiddenRuling,
  isSystemShell,
  readScript,
  realFolder,
  stricterOf,
  type CommandToJudge,
} from './judged-command.js';
import { forbidden, whyNobodyIsAsked, type Refusal } from './no-question.js';
import { proposalFor } from './rule-proposal.js';
import type { UnsandboxedCommand } from './unsandboxed-command.js';

export type CommandVerdict =
  | PersonsAnswer
  /** Nobody was asked; there is no item. For the other refusals the item is complete. */
  | ({ readonly kind: 'refused' } & Refusal)
  /** The automatic reviewer denied it, with this text. */
  | { readonly kind: 'rejected'; readonly text: string };

export interface CommandApprovalOptions extends Omit<AskOptions, 'unsandboxedNow'> {
  readonly state: ThreadState;
  readonly approved: Pick<SessionApprovals, 'has' | 'add'>;
  readonly rules: Pick<RuleBook, 'latest' | 'appendPrefixRule'>;
  /**
   * The command that runs without the sandbox because rules allow it; null: the sandbox stays (unsandboxed-command.ts).
   */
  readonly unsandboxedCommand: (
    command: CommandToJudge,
    script: PlainScript | null,
    set: RuleSet,
  ) => UnsandboxedCommand | null;
  /** Asks the hooks that answer in place of a person; null: none of them has an answer. */
  readonly askHooks: (asked: AskedPermission) => ReturnType<typeof askHooks>;
  /** Decides in the person's place; null: the person is asked. */
  readonly review: ((subject: ReviewSubject) => Promise<ReviewVerdict>) | null;
}

/** Rejects with the signal's reason if the turn ended. */
export async function judge(command: CommandToJudge, options: CommandApprovalOptions): Promise<CommandVerdict> {
  const { state, approved, rules } = options;
  const set = rules.latest();
  // Without a script that is understood, the program with all its words is judged.
  const script = readScript(command);
  // PowerShell and cmd.exe run what they themselves mean by a name, so no program is started in their place.
  const replaceable = isSystemShell(command.argv[0]) ? script : null;
  const parts = script?.pipelines.flat() ?? [];
  const judged = parts.length > 0 ? parts : [command.argv];
  const judgements = allowances(set, command, script, judged);
  const hidden = hiddenRuling(command, set);
  const ruling = stricterOf(strictest(judgements), hidden.judgement);
  const { approvalPolicy: policy } = state.wire;
  if (ruling?.decision === 'forbidden') return { kind: 'refused', ...forbidden(command.argv, ruling) };
  const { additional, lacksSandbox } = command;
  const escalate = command.escalate || lacksSandbox;
  const allowed = ruling?.decision === 'allow' && hidden.complete;
  if (allowed) {
    const replacement = options.unsandboxedCommand(command, replaceable, set);
    if (replacement !== null) return { kind: 'run', unsandboxed: true, asked: false, replacement };
    // Permission to run is not permission to run without the sandbox.
    if (!escalate && additional === null) return { kind: 'run', unsandboxed: false, asked: false, replacement: null };
  }
  const removes = !allowed && removesByForce(judged, command.script);
  const prompts = ruling?.decision === 'prompt' || !hidden.complete;
  const mustAsk = prompts || escalate || additional !== null || removes || (policy === 'untrusted' && !allowed);
  if (!mustAsk) return { kind: 'run', unsandboxed: false, asked: false, replacement: null };
  const refusal = whyNobodyIsAsked(policy, command.argv, {
    escalate,
    lacksSandbox: lacksSandbox && !command.escalate,
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
  const said = await options.askHooks(permissionOf(command));
  if (said !== null)
    return said.allowed ? { ...yes, asked: false } : { kind: 'refused', text: said.reason, prefixed: true };
  if (options.review !== null) return reviewed(command, options.review, reason, options, yes);
  const proposal = ruling === null && hidden.complete ? proposalFor(command, parts, judgements) : null;
  const unsandboxedNow = (): UnsandboxedCommand | null => {
    const now = rules.latest();
    const ruled = strictest(allowances(now, command, script, judged));
    return ruled?.decision === 'allow' ? options.unsandboxedCommand(command, replaceable, now) : null;
  };
  // Permanent and session approvals are offered only for commands whose words are understood. A command that leaves the
  // sandbox is always asked about, unless there is no sandbox.
  const understood =
    script !== null || (windowsShell(command.argv[0] ?? '') !== null && plainScript(command.script) !== null);
  const forSession = understood && !command.escalate && additional === null && !prompts;
  return askPerson(command, { reason, proposal, key, forSession }, { ...options, unsandboxedNow }, yes);
}

/** Everything that a person saw, and the permissions with which it ran. */
const sessionKey = (
  { argv, cwd, tty, escalate, lacksSandbox, additional }: CommandToJudge,
  { wire }: ThreadState,
): string =>
  JSON.stringify([
    argv,
    cwd,
    realFolder(cwd),
    tty,
    escalate || lacksSandbox,
    additional,
    wire.sandboxPolicy,
    wire.activePermissionProfile,
  ]);

function reasonToAsk(
  { argv, escalate, lacksSandbox, additional, justification }: CommandToJudge,
  ruling: CommandRuleMatch | null,
  complete: boolean,
): string | null {
  if (ruling?.decision === 'prompt') {
    const why = ruling.rule.justification === null ? '' : `: ${ruling.rule.justification}`;
    return `\`${joinWords(argv)}\` requires approval${why}`;
  }
  if (!complete)
    return windowsShell(argv[0] ?? '') === null
      ? 'It is too long, or too deeply nested, to look for what rules forbid'
      : 'Scripts of this shell cannot be searched for what rules forbid';
  if (escalate || additional !== null) return justification;
  return lacksSandbox ? 'It runs without a sandbox: config.toml has chosen none (`[windows] sandbox`)' : null;
}

const permissionOf = ({ itemId, script, justification }: CommandToJudge): AskedPermission => ({
  names: SHELL_NAMES,
  input: { command: script, ...(justification === null ? {} : { description: justification }) },
  itemId,
});

async function reviewed(
  { itemId, argv, cwd, tty, escalate, lacksSandbox, additional, justification }: CommandToJudge,
  review: NonNullable<CommandApprovalOptions['review']>,
  reason: string | null,
  { show, refuse }: CommandApprovalOptions,
  yes: Approved,
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
      without_sandbox: escalate || lacksSandbox,
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
