/**
 * A process that is started before its command is known, and then becomes the launcher of the command's sandbox. It
 * takes the start of a process out of the time of the command.
 *
 * Threat: the process is a shell outside of the sandbox. A command that influenced it would have all rights of the
 * user. Something of one command could reach the next one, or an older policy could hold for a newer command.
 * Rule: the shell is the system's, with our own environment and script. From a command it gets one file that codexd has
 * written: its words, each in single quotes, after `exec`. It becomes one command and is never used again. Nothing of
 * a policy is decided in advance: bubblewrap's arguments come with the command. The shell waits for one line on its
 * standard input, which then is the command's (waiting-process.ts).
 * Scope: Linux, commands on pipes.
 * Non-scope: which command may use which process (prepared-starts.ts).
 */
import { newestPid } from '../../system/linux/process-table.js';
import { systemProgram } from '../../system/programs/system-program.js';
import type { AdvanceFiles } from '../../sandbox/policy/sandbox.js';
import type { Child } from './child.js';
import type { StartedProcess } from './program-call.js';
import type { PipePool } from './pipe-pool.js';
import { fitInScript, quoted, SCRIPT_DESCRIPTOR, SCRIPT_NAME, startWaiting } from './waiting-process.js';

/** What the process becomes. */
export interface PreparedCall {
  /** The launcher of the sandbox, with its arguments. */
  readonly words: readonly string[];
  /** The content of its descriptor 3. */
  readonly content: Buffer;
  /** A variable of the launcher's environment. */
  readonly mark: readonly [name: string, value: string];
  /** false: it reads from /dev/null. */
  readonly stdin: boolean;
  /** As in ProgramCall. */
  readonly onStart: (process: StartedProcess) => void;
}

export interface PreparedStart {
  readonly pid: number;
  /** It still waits. */
  readonly usable: boolean;
  /**
   * Becomes the command. Call it once. null: it has ended or cannot be used, and nothing of the command has run. Throws
   * SpawnError when the command runs and cannot be used; then `onStart` was called.
   */
  become(call: PreparedCall): Child | null;
  /** Ends it. Resolves when it has ended. Does nothing after `become`. */
  dispose(): Promise<void>;
}

export interface PrepareOptions {
  readonly pipes: PipePool;
  readonly files: AdvanceFiles;
  /** The words before the shell's, which enter a lane; empty without one. */
  readonly enter: readonly string[];
  /** Marks it as one of codexd's processes. */
  readonly mark: readonly [name: string, value: string];
  /** Called once when it has ended before it became a command. */
  readonly onEnd: () => void;
}

/** $0 of the shell, for its error messages. */
const NAME = 'codexd-sandbox';
const SCRIPT = `[ -r ${SCRIPT_NAME} ] && read -r go && . ${SCRIPT_NAME}`;

/** null: there are no pipes on this system. Throws SpawnError, and the errors of `files.open`. */
export async function prepareStart({ files, enter, ...options }: PrepareOptions): Promise<PreparedStart | null> {
  const [file = '', ...args] = [...enter, systemProgram('sh'), '-c', SCRIPT, NAME];
  const waiting = await startWaiting({ ...options, program: { file, args }, open: () => files.open() });
  return (
    waiting && {
      pid: waiting.pid,
      get usable() {
        return waiting.usable;
      },
      become: ({ words, content, mark, stdin, onStart }) =>
        waiting.go({
          script: scriptOf(words, mark, stdin),
          launch: content,
          stdin,
          origin: () => ({ newestBefore: newestPid() }),
          onStart,
        }),
      dispose: () => waiting.dispose(),
    }
  );
}

/** Whether a process that waits can become this. */
export const canBecome = fitInScript;

function scriptOf(words: readonly string[], [name, value]: PreparedCall['mark'], stdin: boolean): Buffer {
  const input = stdin ? '' : ' 0<>/dev/null';
  return Buffer.from(`${name}=${quoted(value)}\nexec ${words.map(quoted).join(' ')}${input} ${SCRIPT_DESCRIPTOR}<&-\n`);
}
