/** The commands of a thread with which the model can continue later (docs/protocol/turns.md §4 "Sessions"). */
import type { CommandEnd } from '../../exec/start/command.js';
import type { RuntimePart } from './part.js';

export interface ExecSession {
  /** The item's processId, as a number. */
  readonly id: number;
  readonly tty: boolean;
  /** The commandExecution item. */
  readonly itemId: string;
  /** The command line that the model wrote, or a hook in its place. */
  readonly script: string;
  /** The turn that started it. */
  readonly turnId: string;
  /** Null while the command runs. */
  readonly end: CommandEnd | null;
  /** Milliseconds since it started. */
  readonly elapsedMs: number;
  /**
   * Resolves when the command has ended, or after `ms` milliseconds. The time in which a person is asked does not
   * count.
   */
  wait(ms: number, signal: AbortSignal, options?: { readonly untilOutput?: boolean }): Promise<void>;
  /** The output since the last call. */
  take(): { readonly text: string; readonly bytes: number };
  write(text: string): Promise<void>;
  terminate(): void;
}

/** The commands of one thread. Closing ends those that are running. */
export interface ExecSessions extends RuntimePart {
  /** A number that no session of the thread has. */
  newId(): number;
  get(id: number): ExecSession | null;
  /** Adds a session; ends it at once if the thread is closed. */
  keep(session: ExecSession): void;
  /** Removes a session whose end was reported. */
  forget(id: number): void;
}
