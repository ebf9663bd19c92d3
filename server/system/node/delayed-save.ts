/** Saves what changed, some time after the change, so that many changes are saved once. */
export interface DelayedSave {
  /** What is saved already is the state of now. */
  saved(): void;
  /** Saves within the delay, if anything changed. */
  soon(): void;
  /** Saves now, if anything changed. Never rejects. */
  close(): Promise<void>;
}

export interface DelayedSaveOptions {
  /** Rises with every change. */
  readonly changes: () => number;
  readonly save: () => Promise<void>;
  /** In milliseconds. */
  readonly afterMs: number;
  /** Receives the error of a save. The change is saved with the next one. */
  readonly failed: (error: unknown) => void;
}

export function createDelayedSave({ changes, save, afterMs, failed }: DelayedSaveOptions): DelayedSave {
  let savedChanges = 0;
  let timer: NodeJS.Timeout | null = null;
  const now = async (): Promise<void> => {
    if (savedChanges === changes()) return;
    // Changes during the save may not be in it.
    const at = changes();
    try {
      await save();
      savedChanges = at;
    } catch (error) {
      failed(error);
    }
  };
  return {
    saved: () => void (savedChanges = changes()),
    soon() {
      if (savedChanges === changes() || timer !== null) return;
      timer = setTimeout(() => {
        timer = null;
        void now();
      }, afterMs);
      timer.unref();
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await now();
    },
  };
}
