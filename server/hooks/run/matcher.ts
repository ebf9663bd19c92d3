/**
 * Whether a hook is for an occurrence of its event (docs/protocol/services.md §6 "Matchers").
 *
 * Threat: a guard with a matcher that cannot be read guards nothing. Rule: such a matcher of an administrator's hook
 * counts for everything. Scope: hooks of administrators; a person's hook with such a matcher does not run, as in the
 * official program. Non-scope: what the pattern should have said.
 */
import { readMatcher } from '../discover/matcher.js';
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
  const read = readMatcher(matcher);
  if ('why' in read || read.pattern === null) return isManaged;
  const { pattern } = read;
  return names.some((name) => pattern.test(name));
}
