/** setTimeout(3) takes 31 bits of milliseconds and fires at once for more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `expire` once, `ms` milliseconds from now, however many that are; null: never. Returns what stops it.
 */
export function expireAfter(ms: number | null, expire: () => void): () => void {
  if (ms === null) return () => {};
  let left = ms;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const step = Math.min(left, LONGEST_TIMER_MS);
    left -= step;
    timer = setTimeout(left > 0 ? arm : expire, step);
  };
  arm();
  return () => clearTimeout(timer);
}
