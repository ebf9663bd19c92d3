/** Starts a process without a copy of the daemon, where the system can (system/linux/posix-spawn.ts). */
import type { ChildProcess } from 'node:child_process';
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import { packageRoot } from '../../package/package-root.js';
import { createChildEnds, type ChildEnds } from '../../system/linux/child-ends.js';
import { loadPosixSpawn, type PosixSpawn } from '../../system/linux/posix-spawn.js';
import { candidatesOnPath, isExecutable } from '../../system/programs/path-search.js';
import type { ExitStatus, ProgramCall } from './program-call.js';
import type { Stdio } from './stdio-descriptors.js';

/** What the callers use of Node's object for a process. */
export type ProcessHandle = Pick<
  ChildProcess,
  'exitCode' | 'signalCode' | 'stdin' | 'stdout' | 'stderr' | 'stdio' | 'ref' | 'unref' | 'kill'
>;

export interface ForklessStart {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly handle: ProcessHandle;
}

interface Starter {
  readonly spawn: PosixSpawn;
  readonly ends: ChildEnds;
}

/** undefined: not loaded; null: this system has none. */
let starter: Starter | null | undefined = process.platform === 'linux' ? undefined : null;

/** null: the ordinary start is needed, which also says why a program cannot run. */
export function startForkless(
  call: Pick<ProgramCall, 'file' | 'args' | 'cwd' | 'env'>,
  stdio: readonly (Stdio[number] | 'ignore')[],
  newSession: boolean,
): ForklessStart | null {
  if (starter === undefined) {
    const spawn = load();
    starter = spawn instanceof CodexdError ? null : { spawn, ends: createChildEnds(spawn.collect) };
  }
  if (!starter) return null;
  const { spawn, ends } = starter;
  const { cwd, env } = call;
  const descriptors = placesOf(stdio);
  const file = programFile(call);
  if (descriptors === null || file === undefined) return null;
  const pid = spawn.start({ file, argv: [call.file, ...call.args], cwd, env, descriptors, newSession });
  if (pid === null) return null;
  const watched = ends.watch(pid);
  return {
    pid,
    exited: watched.ended,
    handle: {
      get exitCode() {
        return watched.end?.code ?? null;
      },
      get signalCode() {
        return watched.end?.signal ?? null;
      },
      stdin: null,
      stdout: null,
      stderr: null,
      stdio: [null, null, null, null, null],
      ref: () => watched.keepsRunning(true),
      unref: () => watched.keepsRunning(false),
      kill: (signal) => watched.end === null && sent(pid, signal),
    },
  };
}

/**
 * Why this system starts commands with a copy of the daemon: `machine.native-module` without the optional package,
 * `machine.os` with an old C library. null: it does not.
 */
export function whyStartsFork(): CodexdError | null {
  const spawn = load();
  return spawn instanceof CodexdError ? spawn : null;
}

function load(): PosixSpawn | CodexdError {
  try {
    return loadPosixSpawn(packageRoot());
  } catch (error) {
    // Starts take longer, and nothing else changes.
    if (isCode(error, 'machine.native-module') || isCode(error, 'machine.os')) return error;
    throw error;
  }
}

/** As execvp(3) finds it; undefined: it does not. */
function programFile({ file, cwd, env }: Pick<ProgramCall, 'file' | 'cwd' | 'env'>): string | undefined {
  if (file.includes('/')) return file;
  for (const candidate of candidatesOnPath(file, cwd, env.PATH)) if (isExecutable(candidate)) return candidate;
  return undefined;
}

/** null: Node must make a pipe, or a descriptor would be overwritten before its turn. */
function placesOf(stdio: readonly (Stdio[number] | 'ignore')[]): (number | null)[] | null {
  const places: (number | null)[] = [];
  for (const [place, entry] of stdio.entries()) {
    if (entry === 'pipe') return null;
    if (entry !== undefined && entry !== 'ignore' && entry !== place && entry < stdio.length) return null;
    places.push(entry === undefined || entry === 'ignore' ? null : entry);
  }
  return places;
}

function sent(pid: number, signal: Parameters<ProcessHandle['kill']>[0]): boolean {
  try {
    return process.kill(pid, signal ?? 'SIGTERM');
  } catch {
    return false; // ESRCH: it has ended.
  }
}
