/** Runs the program that prints a model provider's tokens, as the user would run it (token-command.ts). */
import { defined } from '../../exec/start/command-environment.js';
import { UNRESTRICTED } from '../../exec/start/permissions.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { RunTokenCommand } from '../model/provider/token-command.js';
import { createTranscript } from '../shell/transcript.js';

export interface TokenProgramOptions {
  readonly supervisor: () => Promise<Supervisor>;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
}

export function tokenProgram({ supervisor, env, codexHome }: TokenProgramOptions): RunTokenCommand {
  return async ({ command, args, timeoutMs, cwd }, { threadId, turnId }, signal) => {
    const [stdout, stderr] = [createTranscript(), createTranscript()];
    const running = await (
      await supervisor()
    ).start({
      argv: [command, ...args],
      cwd: cwd ?? codexHome,
      env: defined(env),
      permissions: UNRESTRICTED,
      io: { kind: 'pipes', stdin: false },
      timeoutMs,
      owner: { kind: 'thread', threadId, turnId, itemId: null },
      prompter: null,
      gone: signal,
      stdout: { full: false, push: (piece) => void stdout.push(piece) },
      stderr: { full: false, push: (piece) => void stderr.push(piece) },
    });
    const { exitCode, cause } = await running.ended;
    signal.throwIfAborted();
    const late = cause === 'timeout' ? `no answer within ${timeoutMs} ms` : null;
    return { exitCode, stdout: stdout.all() ?? '', stderr: late ?? stderr.all() ?? '' };
  };
}
