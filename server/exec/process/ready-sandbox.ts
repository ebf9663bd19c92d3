/**
 * A sandbox that is made before its command is known, with a shell in it that waits. It takes nearly all of the start
 * out of the time of the command.
 *
 * Threat: a command gets a sandbox of an earlier moment: with an older policy, with the folder that had a name before,
 * or without what hid a file since then. Something of one command reaches the next one.
 * Rule: the sandbox is used only if the one that the command needs now would be the same (AdvanceSandbox.isSame), if
 * every mount of it is still at its place (`holds`), if it is young (ready-sandboxes.ts), and if it has written nothing
 * but that it waits. It belongs to one command and is never used again. The shell runs inside, under the filter and
 * without rights, so it can do no more than the command. It gets one file that codexd has written: the folder, the
 * variables and the words of the command, each in single quotes. Its descriptors are closed when the command starts.
 * Scope: Linux, commands on pipes that can write nowhere, with a shell whose variables are known (dash).
 * Non-scope: which sandboxes are equal (sandbox/linux/advance-sandbox.ts).
 */
import { newestPid } from '../../system/linux/process-table.js';
import type { AdvanceSandbox } from '../../sandbox/policy/sandbox.js';
import type { Child } from './child.js';
import type { StartedProcess } from './program-call.js';
import type { PipePool } from './pipe-pool.js';
import { fitInScript, quoted, SCRIPT_DESCRIPTOR, SCRIPT_NAME, startWaiting } from './waiting-process.js';

export interface ReadyCall {
  /** Of the command itself. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** false: it reads from /dev/null. */
  readonly stdin: boolean;
  /** As in ProgramCall. */
  readonly onStart: (process: StartedProcess) => void;
}

export interface ReadySandbox {
  /** When it was started, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * `starting`: the shell does not wait yet. `waits`: it does, and all mounts are at their places at this moment.
   * `lost`: it has ended, has written something, or a mount is gone; dispose of it.
   */
  look(): 'starting' | 'waits' | 'lost';
  /** As PreparedStart.become. */
  become(call: ReadyCall): Child | null;
  /** Ends it. Resolves when it has ended. Does nothing after `become`. */
  dispose(): Promise<void>;
}

export interface ReadyOptions {
  readonly pipes: PipePool;
  readonly sandbox: AdvanceSandbox;
  readonly mark: readonly [name: string, value: string];
  readonly onEnd: () => void;
}

/** $0 of the shell, for its error messages. */
const NAME = 'codexd-sandbox';
/** What it writes when it waits, and nothing else. */
const WAITS = '\n';
const SCRIPT = `echo && read -r go && . ${SCRIPT_NAME}`;
/** bubblewrap's arguments, the filter, the script. */
const CLOSED = [3, 4, SCRIPT_DESCRIPTOR].map((descriptor) => ` ${descriptor}<&-`).join('');

/** null: there are no pipes on this system. Throws SpawnError, and the errors of `sandbox.open`. */
export async function makeReady({ sandbox, ...options }: ReadyOptions): Promise<ReadySandbox | null> {
  // Its first processes are older than the command, and belong to it.
  const origin = { since: Date.now(), newestBefore: newestPid() };
  const program = sandbox.around(['-c', SCRIPT, NAME]);
  const waiting = await startWaiting({ ...options, program, open: () => sandbox.open() });
  if (waiting === null) return null;
  let written = '';
  return {
    since: origin.since,
    look() {
      written += waiting.takeOutput().toString('latin1');
      if (!waiting.usable || !WAITS.startsWith(written)) return 'lost';
      if (written !== WAITS) return 'starting';
      return sandbox.holds(waiting.pid) ? 'waits' : 'lost';
    },
    become: ({ argv, cwd, env, stdin, onStart }) =>
      waiting.go({ script: scriptOf(argv, cwd, env, stdin), stdin, origin: () => origin, onStart }),
    dispose: () => waiting.dispose(),
  };
}

/** POSIX, 3.216 Name. */
const NAME_FORM = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A shell gives them a meaning of its own, and changes or refuses some values. */
const OF_SHELLS = new Set(['IFS', 'LINENO', 'OPTIND', 'PPID']);

/** Whether a shell can start this command exactly as bubblewrap would. */
export const canBecomeReady = ({ argv, cwd, env }: Pick<ReadyCall, 'argv' | 'cwd' | 'env'>): boolean =>
  // `exec` could take a first word with a dash for an option.
  argv[0] !== undefined &&
  !argv[0].startsWith('-') &&
  Object.keys(env).every((name) => NAME_FORM.test(name) && !OF_SHELLS.has(name)) &&
  fitInScript([...argv, cwd, ...Object.entries(env).flat()]);

/** PWD is what bubblewrap sets, whatever the variables say. */
function scriptOf(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>, stdin: boolean): Buffer {
  const variables = Object.entries({ ...env, PWD: cwd }).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const input = stdin ? '' : ' 0<>/dev/null';
  return Buffer.from(
    `cd ${quoted(cwd)} || exit 1\nunset OLDPWD\n${variables.join('')}exec ${argv.map(quoted).join(' ')}${input}${CLOSED}\n`,
  );
}
