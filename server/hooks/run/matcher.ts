/**
 * Whether a hook is for an occurrence of its event (docs/protocol/services.md §6 "Matchers").
 *
 * Threat: a guard with a matcher that cannot be read guards nothing. Rule: such a matcher of an administrator's hook
 * counts for everything. Scope: hooks of administrators; a person's hook with such a matcher does not run, as in the
 * official program. Non-scope: what the pattern should have said.
 */
import type { RunnableHook } from '../runnable-hook.js';

/** A word, or words separated by `|`: the names themselves. Everything else is a regular expression. */
const WORDS = /^[\w|]+$/;

/** `names`: the name of the subject and its other names. Empty: the event has no subject; the matcher is not used. */
export function matches(
  { matcher, isManaged }: Pick<RunnableHook, 'matcher' | 'isManaged'>,
  names: readonly string[],
): boolean {
  if (matcher === null || matcher === '' || matcher === '*' || names.length === 0) return true;
  if (WORDS.test(matcher)) {
    const words = matcher.split('|');
    return names.some((name) => words.includes(name));
  }
  const pattern = expression(matcher);
  return pattern === null ? isManaged : names.some((name) => pattern.test(name));
}

function expression(text: string): RegExp | null {
  try {
    return new RegExp(text, 'u');
  } catch {
    return null;
  }
}
