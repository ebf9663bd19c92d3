/**
 * The terminal of a sandboxed command: a pseudo console that the runner makes as the user of the command, on the
 * streams that the daemon made.
 *
 * Threat: the process of the console (conhost.exe) runs as the runner does, without restriction. A command of the same
 * user that opens it has the rights of that user.
 * Rule: before it is made, what this process makes is closed to its own user by default; that cannot be set: no
 * terminal. The command gets the console and no handle.
 * Scope: the console. Non-scope: the token and the job of the command (runner.ts); the person's own user, whose
 * programs are open to each other, and not to a restricted token.
 */
import { commandLine, environmentBlock } from '../../../system/windows/streams/command-line.js';
import { win32Console, type ConsoleSize } from '../../../system/windows/streams/win32-console.js';
import { processCalls, type NativeProcess, type NativeStart } from '../../../system/windows/process/win32-process.js';
import { tokenCalls } from '../../../system/windows/process/win32-token.js';
import { win32 } from '../../../system/windows/win32.js';
import { sandboxRefused } from '../../policy/sandbox.js';
import { descriptorOf, RUNNER_LIST } from './restricted-token.js';

export interface RunnerTerminal {
  /** As createProcessWithToken, on the console. */
  start(token: number, start: NativeStart): NativeProcess | number;
  resize(size: ConsoleSize): void;
  /** Ends what is still on it. Resolves when everything that it showed has been written. Idempotent. */
  close(): Promise<void>;
}

/** `ofSandboxUser`: this process runs as a user that has nothing but sandboxed commands. Throws `sandbox.refused`. */
export function openTerminal(size: ConsoleSize, ofSandboxUser: boolean): RunnerTerminal {
  if (ofSandboxUser) closeWhatIsMade();
  const { createConsole, resizeConsole, closeConsole, startSuspended } = win32Console();
  const { stdHandle } = processCalls();
  const made = createConsole(size, stdHandle(0), stdHandle(1));
  if (typeof made === 'number')
    throw sandboxRefused(
      `no terminal can be made in the sandbox (0x${(made >>> 0).toString(16)}); it needs Windows 10 of 2018 or newer; run the command without one (\`tty: false\`)`,
    );
  let closing: Promise<void> | null = null;
  return {
    start: (token, { words, verbatim, cwd, env, desktop }) => {
      const [file = '', ...args] = words;
      return startSuspended({
        file,
        line: commandLine(file, args, verbatim ?? false),
        cwd,
        environment: environmentBlock(env),
        console: made.console,
        token,
        ...(desktop === null ? {} : { desktop }),
      });
    },
    resize: (to) => {
      if (closing === null) resizeConsole(made.console, to);
    },
    close: () => (closing ??= closeConsole(made.console)),
  };
}

function closeWhatIsMade(): void {
  const { openOwn, setDefaultList } = tokenCalls();
  const own = openOwn();
  const code = own <= 0 ? -own : setDefaultList(own, descriptorOf(RUNNER_LIST));
  if (own > 0) win32().closeHandle(own);
  if (code !== 0)
    throw sandboxRefused(`the terminal cannot be closed to other commands (os error ${code}); use \`tty: false\``);
}
