/** Work that runs once, however many ask for it at the same time. */

/** Allows one run at a time. Calls that come during a run share the next run. */
export function joined(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (): Promise<void> => {
    const run = work().finally(() => {
      if (running === run) running = null;
    });
    return (running = run);
  };
  return () => {
    if (running === null) return start();
    return (next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return start();
      }));
  };
}
