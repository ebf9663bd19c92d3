/**
 * The text of a thrown value: an error's message, a text itself, the `message` of an object that is not an Error, or
 * else its JSON. Never `[object Object]`, and it throws nothing.
 */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  // eslint-disable-next-line codexd/thrown-as-text -- no object
  if (typeof error !== 'object' || error === null) return String(error);
  if ('message' in error && typeof error.message === 'string') return error.message;
  try {
    return JSON.stringify(error);
  } catch {
    // A circle, or a big integer: what can be said is of which class it is.
    return `an object of ${error.constructor?.name ?? 'no class'}`;
  }
}

/** What was thrown as an error: itself, or one that has its words. */
export const errorOf = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
