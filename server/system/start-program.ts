/**
 * Starts the daemon's own helper programs. The only place in server/ that does, beside exec/child.ts, which starts
 * users' commands; a lint rule keeps node:child_process out of everything else.
 */
import { execFile, spawn, type ChildProcess, type ExecFileException, type SpawnOptions } from 'node:child_process';
import { LAUNCH_ENVIRONMENT, type TrustedProgram } from './system-program.js';

/** `spawn`, of a judged program, with LAUNCH_ENVIRONMENT and in `/` unless `options` say otherwise. */
export const startProgram = (
  program: TrustedProgram,
  args: readonly string[],
  options: Omit<SpawnOptions, 'shell'>,
): ChildProcess => spawn(program, args, { cwd: '/', env: LAUNCH_ENVIRONMENT, ...options });

export interface ProgramResult {
  readonly error: ExecFileException | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end and collects its output; it is killed after `timeoutMs`. Never rejects. */
export const runProgram = (
  program: TrustedProgram,
  args: readonly string[],
  timeoutMs: number,
): Promise<ProgramResult> =>
  new Promise((resolve) => {
    const options = { env: { ...LAUNCH_ENVIRONMENT }, cwd: '/', timeout: timeoutMs, killSignal: 'SIGKILL' as const };
    execFile(program, args, options, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
  });
