/** The commands of a thread that the model may come back to (docs/protocol/turns.md §4 "Sessions"). */
import type { CommandEnd } from '../../exec/start/command.js';
import type { RuntimePart } from './part.js';

export interface ExecSession {
  /** The item's processId, as a number. */
  readonly id: number;
  readonly tty: boolean;
  /** The commandExecution item. */
  readonly itemId: string;
  /** The turn that started it. */
  readonly turnId: string;
  /** Null while it runs. */
  readonly end: CommandEnd | null;
  /** Milliseconds since it started. */
  readonly elapsedMs: number;
  /** Resolves when it has ended or when this much time has passed; the clock stands still while a person is asked. */
  wait(ms: number, signal: AbortSignal, options?: { readonly untilOutput?: boolean }): Promise<void>;
  /** What came since the last call. */
  take(): { readonly text: string; readonly bytes: number };
  write(text: string): Promise<void>;
  terminate(): void;
}

/** Of one thread. Closing ends those that run. */
export interface ExecSessions extends RuntimePart {
  /** A number that no session of the thread has. */
  newId(): number;
  get(id: number): ExecSession | null;
  /** Ends it at once where the thread is closed. */
  keep(session: ExecSession): void;
  /** Its end was told. */
  forget(id: number): void;
}
