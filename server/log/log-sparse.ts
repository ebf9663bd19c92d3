/**
 * Limits log lines that other programs can cause without limit: the first ten are logged, then those with a number that
 * is a power of two. Returns the number of the line; null: it is not logged.
 */
export function createSparse(): () => number | null {
  let count = 0;
  return () => (++count <= LOGGED_AT_FIRST || Number.isInteger(Math.log2(count)) ? count : null);
}
const LOGGED_AT_FIRST = 10;
