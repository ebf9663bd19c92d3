/** Waits with a time limit. */

/**
 * Resolves with the result of `work`, or with null when it takes longer than `limitMs` milliseconds. Rejects with the
 * error of `work`.
 */
export async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
