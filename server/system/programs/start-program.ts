/**
 * Starts the daemon's own helper programs. The only place in server/ that does, beside exec/process/child.ts, which
 * starts users' commands; a lint rule keeps node:child_process out of everything else.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { LAUNCH_ENVIRONMENT, type TrustedProgram } from './system-program.js';

/** `spawn`, of a judged program, with LAUNCH_ENVIRONMENT and in `/` unless `options` say otherwise. */
export const startProgram = (
  program: TrustedProgram,
  args: readonly string[],
  options: Omit<SpawnOptions, 'shell'>,
): ChildProcess => spawn(program, args, { cwd: '/', env: LAUNCH_ENVIRONMENT, ...options });

/** `code`: the exit code, or the system's word for why it did not start; `signal`: what ended it. */
export interface ProgramFailure extends Error {
  readonly code?: string | number;
  readonly signal?: NodeJS.Signals;
}

export interface ProgramResult {
  readonly error: ProgramFailure | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Characters kept of each stream. */
const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs it to its end and collects its output. After `timeoutMs` it is killed with everything that it has started: a
 * program that hangs may be a script that waits for another one. Never rejects.
 */
export function runProgram(
  program: TrustedProgram,
  args: readonly string[],
  timeoutMs: number,
): Promise<ProgramResult> {
  const { promise, resolve } = withResolver<ProgramResult>();
  // A group of its own, to be killed as a whole.
  const child = startProgram(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      texts[name] = (texts[name] + piece).slice(0, MAX_OUTPUT);
    });
  }
  const end = (error: ProgramFailure | null): void => {
    clearTimeout(timer);
    resolve({ error, ...texts });
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child);
    // What has left the group may hold the pipes for ever.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, timeoutMs);
  child.once('error', end);
  child.once('close', (code, signal) => {
    if (late) end(new Error(`${program} did not end within ${timeoutMs / 1000} s`));
    else if (code === 0) end(null);
    else end(Object.assign(new Error(`${program} failed`), signal === null ? { code: code ?? -1 } : { signal }));
  });
  return promise;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return; // It never started.
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Promise.withResolvers of later Nodes. */
function withResolver<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
