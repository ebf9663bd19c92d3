/**
 * Which rule is proposed with a question: what would have to be allowed so that the command is not asked about again.
 *
 * Threat: a person says yes to a few harmless words, and everything that begins with them is allowed for good.
 * Rule: the beginning that the model proposes is offered only for programs of which every command is harmless (leaf
 * programs); else it is the whole command, and nothing where its further words could name another command.
 */
import type { CommandRuleMatch } from '../../config/rules/match-command.js';
import { isVisible } from '../shell/plain-script.js';
import { mayBeOpen, runsItsWords } from './leaf-programs.js';

export interface ToPropose {
  /** The shell and its script. */
  readonly argv: readonly string[];
  /** What the model proposes. */
  readonly prefixRule: readonly string[] | null;
}

/** `parts`: the commands of the script, as far as it is understood, and what the rules say of each. Null: nothing. */
export function proposalFor(
  { argv, prefixRule }: ToPropose,
  parts: readonly (readonly string[])[],
  judgements: readonly (CommandRuleMatch | null)[],
): readonly string[] | null {
  const whole = parts.length === 0 ? argv : (parts.find((_, n) => judgements[n]?.decision !== 'allow') ?? argv);
  // A person sees what is allowed, and the rules file holds it as it was shown.
  if (!whole.every(isVisible)) return null;
  const fits = prefixRule !== null && prefixRule.length > 0 && prefixRule.every((word, n) => whole[n] === word);
  if (fits && mayBeOpen(prefixRule)) return prefixRule;
  return runsItsWords(whole) ? null : whole;
}
