/** Why a command is refused without a question, in the words for the model (docs/protocol/turns.md §6). */
import type { CommandRuleMatch } from '../../config/rules/match-command.js';
import type { ThreadState } from '../runtime/thread-state.js';
import { joinWords } from '../shell/shell-words.js';

/** The text for the model. `prefixed`: the tool puts its own text before it. */
export interface Refusal {
  readonly text: string;
  readonly prefixed: boolean;
}

const alone = (text: string): Refusal => ({ text, prefixed: false });
const prefixed = (text: string): Refusal => ({ text, prefixed: true });

/** The text for the model if the policy allows no question; null: a question is allowed. */
export function whyNobodyIsAsked(
  policy: ThreadState['wire']['approvalPolicy'],
  argv: readonly string[],
  what: {
    readonly escalate: boolean;
    readonly lacksSandbox: boolean;
    readonly additional: boolean;
    readonly ruled: boolean;
    /** Rules allow the command in the sandbox. */
    readonly allowed: boolean;
    readonly removes: boolean;
  },
): Refusal | null {
  if (policy === 'never') {
    if (what.lacksSandbox) return prefixed(`\`${joinWords(argv)}\` rejected: blocked by policy`);
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

/** A rule forbids the command. */
export function forbidden(argv: readonly string[], { rule }: CommandRuleMatch): Refusal {
  const why = rule.justification ?? `a rule forbids commands that begin with it (${rule.path}:${rule.line})`;
  return prefixed(`\`${joinWords(argv)}\` rejected: ${why}`);
}
