/**
 * Processes of a thread that continue after the turn that started them (docs/protocol/turns.md §4,
 * `thread/backgroundTerminals/*`).
 */

export interface BackgroundTerminal {
  /** The commandExecution item of the process. */
  readonly itemId: string;
  /** Decimal digits. */
  readonly processId: string;
  /** The command as the model wrote it. */
  readonly command: string;
  readonly cwd: string;
  readonly osPid: number | null;
  /** Kills the whole process tree. The code that started the process completes its item. */
  terminate(): void;
}

export interface BackgroundTerminals {
  /** Returns a function that removes the terminal from the list. Call it when the process has ended. */
  add(terminal: BackgroundTerminal): () => void;
  /** Oldest first. */
  list(): readonly BackgroundTerminal[];
  /** False: there is no such process. */
  terminate(processId: string): boolean;
  terminateAll(): void;
  /** Resolves when all processes have ended, or after `limitMs` milliseconds. */
  ended(limitMs: number): Promise<void>;
}

export function createBackgroundTerminals(): BackgroundTerminals {
  const terminals = new Map<string, BackgroundTerminal>();
  const waiting = new Set<() => void>();
  return {
    add(terminal) {
      terminals.set(terminal.processId, terminal);
      return () => {
        if (terminals.get(terminal.processId) === terminal) terminals.delete(terminal.processId);
        if (terminals.size === 0) for (const done of waiting) done();
      };
    },
    list: () => [...terminals.values()],
    terminate(processId) {
      const terminal = terminals.get(processId);
      terminal?.terminate();
      return terminal !== undefined;
    },
    terminateAll() {
      for (const terminal of terminals.values()) terminal.terminate();
    },
    ended(limitMs) {
      if (terminals.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, limitMs);
        waiting.add(done);
      });
    },
  };
}
