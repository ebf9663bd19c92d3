/**
 * The words of whatever was thrown: an error's message, a text itself, the `message` of an object that is no Error, and
 * else its JSON. Never `[object Object]`, and it throws nothing.
 */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  // eslint-disable-next-line no-restricted-syntax -- no object
  if (typeof error !== 'object' || error === null) return String(error);
  const { message } = error as { readonly message?: unknown };
  if (typeof message === 'string') return message;
  try {
    return JSON.stringify(error);
  } catch {
    // A circle, or a big integer: what can be said is of which class it is.
    return `an object of ${error.constructor?.name ?? 'no class'}`;
  }
}
