import { spawn, type ChildProcess } from 'node:child_process';
import { startForm } from '../../system/programs/start-form.js';
import { startForkless, type ProcessHandle } from './forkless-start.js';
import type { ExitStatus, ProgramCall, StartedProcess } from './program-call.js';
import { shieldDescriptors } from './inherited-descriptors.js';
import { toSpawnError } from './spawn-errors.js';
import type { Stdio } from './stdio-descriptors.js';

/** A started process with its input and output: the common interface of process-pipes and process-pty. */
export interface Child {
  readonly pid: number;
  readonly stdout: ChildOutput;
  /** null on a terminal: stdout has all output. */
  readonly stderr: ChildOutput | null;
  /** null when the command's stdin is /dev/null. */
  readonly stdin: ChildInput | null;
  /** null without a terminal. */
  readonly resize: ((size: TerminalSize) => void) | null;
  readonly exited: Promise<ExitStatus>;
}

/** In character cells, both at least 1. */
export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

export interface ChildOutput {
  /**
   * Passes every piece to `take`. Call it once, directly after the start. Reads nothing while a promise from `take` is
   * pending.
   */
  read(take: (piece: Buffer) => Promise<void> | undefined): void;
  /** Resolves at the end of the output or after `stop`. */
  readonly ended: Promise<void>;
  /** Stops reading. */
  stop(): void;
}

export interface ChildInput {
  /**
   * Resolves when the data is on its way and little of it waits. Resolves also when the reader is gone; that is not an
   * error.
   */
  write(data: Buffer): Promise<void>;
  /** Sends end of file after all earlier data. */
  end(): void;
  /** Discards waiting data. */
  destroy(): void;
}

/** When more input than this waits for a slow reader, the answer to a write is delayed. */
export const INPUT_HIGH_WATER_BYTES = 1024 * 1024;

/** What Node knows of it, besides. */
export interface SpawnedChild extends StartedProcess {
  readonly process: ProcessHandle;
}

/**
 * Starts a process. `newSession`: it leads its own session and process group. Throws SpawnError.
 *
 * Uses node:child_process and not execa, because this is the hot path: execa costs 2.9 ms for each command instead of
 * 2.1 ms, and 100 ms more for the first.
 */
export async function spawnChild(call: ProgramCall, stdio: Stdio, newSession: boolean): Promise<SpawnedChild> {
  const descriptors = shieldDescriptors([...stdio, ...(call.descriptors ?? [])]);
  const forkless = startForkless(call, descriptors, newSession);
  if (forkless !== null) {
    const { pid, exited, handle } = forkless;
    call.onStart?.({ pid, exited });
    return { process: handle, pid, exited };
  }
  let child: ChildProcess;
  try {
    const form = startForm(call, newSession);
    const { file, args, options } = form instanceof Promise ? await form : form;
    child = spawn(file, args, { ...options, cwd: call.cwd, env: { ...call.env }, stdio: descriptors });
  } catch (error) {
    throw toSpawnError(error); // Node throws some execve errors and emits the others.
  }
  const { pid } = child;
  if (pid === undefined) throw toSpawnError(await new Promise((resolve) => child.once('error', resolve)));
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  call.onStart?.({ pid, exited });
  return { process: child, pid, exited };
}
