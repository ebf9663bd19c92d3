/**
 * Lines that somebody else can cause, as many as they like: the first ten of them are logged, then those whose number
 * is a power of two. Returns the number of this one, null when it is passed over.
 */
export function createSparse(): () => number | null {
  let count = 0;
  return () => (++count <= LOGGED_AT_FIRST || Number.isInteger(Math.log2(count)) ? count : null);
}
const LOGGED_AT_FIRST = 10;
