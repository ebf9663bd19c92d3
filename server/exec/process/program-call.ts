/** What a process is started from, and what is known of it. */

/** The program to execute: already resolved, wrapped and marked. */
export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Becomes descriptors 3, 4 and so on. Absent: no descriptors above stderr. */
  readonly descriptors?: readonly number[];
  /** Called as soon as the process runs. From then on the callee is responsible for its end, whatever fails later. */
  readonly onStart?: (process: StartedProcess) => void;
}

export interface StartedProcess {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  /**
   * Of a process that was started in advance: the newest process id before it became the command's. null: unknown.
   * Absent: its own id is the first.
   */
  readonly newestBefore?: number | null;
  /** The same: when it was started, in milliseconds since the epoch. Absent: now. */
  readonly since?: number;
}

export interface ExitStatus {
  /** null after death by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
