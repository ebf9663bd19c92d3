/**
 * Whether an answer may be given to a question, whatever the question is about.
 *
 * Threat: an answer that nobody was shown opens more than what was asked.
 * Rule: a yes counts only where it was offered, amendments word by word; a refusal needs no offer.
 */

/** Nobody is made to say yes. */
const REFUSALS: readonly unknown[] = ['decline', 'cancel'];

/** `keyOf`: two decisions with the same key are the same. */
export function isAmong<D>(decision: D, offered: readonly D[], keyOf: (decision: D) => string = canonical): boolean {
  if (REFUSALS.includes(decision)) return true;
  const wanted = keyOf(decision);
  return offered.some((other) => keyOf(other) === wanted);
}

/** Members in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
