/**
 * Starts the daemon's own helper programs. The only place in server/ that does, beside exec/process/child.ts, which
 * starts users' commands; a lint rule keeps node:child_process out of everything else.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { osCode } from '../../errors/os-code.js';
import { LAUNCH_ENVIRONMENT, type TrustedProgram } from './system-program.js';

/** `spawn` for a checked program; the defaults are LAUNCH_ENVIRONMENT and the folder `/`. */
export const startProgram = (
  program: TrustedProgram,
  args: readonly string[],
  options: Omit<SpawnOptions, 'shell'>,
): ChildProcess => spawn(program, args, { cwd: '/', env: LAUNCH_ENVIRONMENT, ...options });

/** `code`: the exit code, or the name of the error if it did not start; `signal`: the signal that ended it. */
export interface ProgramFailure extends Error {
  readonly code?: string | number;
  readonly signal?: NodeJS.Signals;
}

export interface ProgramResult {
  readonly error: ProgramFailure | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How many characters of each stream are kept. */
const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs a program to its end and collects its output. After `timeoutMs` it is killed with all processes that it started,
 * because it may be a script that waits for another program. Never rejects.
 */
export function runProgram(
  program: TrustedProgram,
  args: readonly string[],
  timeoutMs: number,
): Promise<ProgramResult> {
  const { promise, resolve } = withResolver<ProgramResult>();
  // A separate process group, so that all its processes can be killed.
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
    // A process that has left the group may keep the pipes open.
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

/** How a helper ended, and what it said. */
export interface HelperEnd {
  /** Null: a signal, or it was killed after the time limit. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a helper of codexd to its end (package/helper-command.ts). `onStart` is called with its process id. After
 * `timeoutMs` it is killed; what it started is the caller's to end. Rejects if it does not start.
 */
export function runHelper(
  [file = '', ...args]: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly onStart: (pid: number) => void;
  },
): Promise<HelperEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    child.once('error', reject);
    if (child.pid === undefined) return;
    options.onStart(child.pid);
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (piece: string) => {
        texts[name] = (texts[name] + piece).slice(0, MAX_OUTPUT);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...texts });
    });
  });
}

/** Starts a program that outlives this one. Its process id; null: it does not start. */
export function startDetached([file = '', ...args]: readonly string[]): number | null {
  const child = spawn(file, args, { detached: true, stdio: 'ignore', windowsHide: true });
  child.once('error', () => {}); // Then it has no process id.
  child.unref();
  return child.pid ?? null;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return; // It never started.
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (osCode(error) !== 'ESRCH') throw error;
  }
}

/** Promise.withResolvers of later Nodes. */
function withResolver<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
