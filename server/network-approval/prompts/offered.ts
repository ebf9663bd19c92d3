/**
 * Checks whether an answer may be given to a prompt of any kind.
 *
 * Threat: an answer that no person saw opens more than the prompt did.
 * Rule: a yes counts only when it was offered, amendments with exactly the offered content. A refusal needs no offer.
 */
import { isObject } from '../../system/node/objects.js';

/** A refusal is always possible. */
const REFUSALS: readonly unknown[] = ['decline', 'cancel'];

/** `keyOf`: two decisions with the same key are the same. */
export function isAmong<D>(decision: D, offered: readonly D[], keyOf: (decision: D) => string = canonical): boolean {
  if (REFUSALS.includes(decision)) return true;
  const wanted = keyOf(decision);
  return offered.some((other) => keyOf(other) === wanted);
}

/** Writes members in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
