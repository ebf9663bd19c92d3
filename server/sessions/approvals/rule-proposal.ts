/**
 * The rule that is proposed with a question: it would have to exist so that the command is not asked about again.
 *
 * Threat: a person approves a few harmless words, and every command that begins with them is allowed permanently. Rule:
 * the prefix that the model proposes is offered only for programs of which every command is harmless (leaf programs).
 * For others the whole command is offered, or nothing if its later words could name another command. In PowerShell and
 * cmd.exe the whole command is offered always: names of harmless programs mean others there (`date`, `sort`).
 */
import type { CommandRuleMatch } from '../../config/rules/match-command.js';
import { windowsShell } from '../../system/programs/model-shell.js';
import { isVisible } from '../shell/plain-script.js';
import { mayBeOpen, runsItsWords } from './leaf-programs.js';

export interface ToPropose {
  /** The shell and its script. */
  readonly argv: readonly string[];
  /** The prefix that the model proposes. */
  readonly prefixRule: readonly string[] | null;
}

/**
 * `parts`: the commands of the script, as far as it is understood, with the rules' result for each. Null: no rule is
 * proposed.
 */
export function proposalFor(
  { argv, prefixRule }: ToPropose,
  parts: readonly (readonly string[])[],
  judgements: readonly (CommandRuleMatch | null)[],
): readonly string[] | null {
  const whole = parts.length === 0 ? argv : (parts.find((_, n) => judgements[n]?.decision !== 'allow') ?? argv);
  // A person must see exactly what is allowed, and the rules file must contain it as it was shown.
  if (!whole.every(isVisible)) return null;
  const fits = prefixRule !== null && prefixRule.length > 0 && prefixRule.every((word, n) => whole[n] === word);
  if (fits && windowsShell(argv[0] ?? '') === null && mayBeOpen(prefixRule)) return prefixRule;
  return runsItsWords(whole) ? null : whole;
}
