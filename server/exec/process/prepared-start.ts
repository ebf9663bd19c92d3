/**
 * A process that is started before its command is known, and then becomes the launcher of the command's sandbox. It
 * takes the start of a process out of the time of the command.
 *
 * Threat: the process is a shell outside of the sandbox. A command that influenced it would have all rights of the
 * user. Something of one command could reach the next one, or an older policy could hold for a newer command.
 * Rule: the shell is the system's, with our own environment and script. From a command it gets one file that codexd has
 * written: its words, each in single quotes, after `exec`. It becomes one command and is never used again. Nothing of
 * a policy is decided in advance: bubblewrap's arguments come with the command. The shell waits for one line on its
 * standard input, which then is the command's. If the daemon ends first, that input ends, and with it the shell. It
 * carries a mark (process-tree.ts) from its start.
 * Scope: Linux, commands on pipes.
 * Non-scope: which command may use which process (prepared-starts.ts).
 */
import fs from 'node:fs';
import { writeAtStart } from '../../system/node/write-at-start.js';
import { newestPid } from '../../system/linux/process-table.js';
import { LAUNCH_ENVIRONMENT, systemProgram } from '../../system/programs/system-program.js';
import type { AdvanceFiles } from '../../sandbox/policy/sandbox.js';
import { spawnChild, type Child, type StartedProcess } from './child.js';
import type { PipePool } from './pipe-pool.js';
import { childOnPipes, takePipes, type Pipes } from './process-pipes.js';

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
/** Descriptor 5 is the script, and it opens it by its name, so that this shell reads it from the start. */
const SCRIPT_NAME = '/proc/self/fd/5';
const SCRIPT = `[ -r ${SCRIPT_NAME} ] && read -r go && . ${SCRIPT_NAME}`;

/** null: there are no pipes on this system. Throws SpawnError, and the errors of `files.open`. */
export async function prepareStart({
  pipes,
  files,
  enter,
  mark,
  onEnd,
}: PrepareOptions): Promise<PreparedStart | null> {
  const taken = await takePipes(true, pipes);
  const { stdin, stdout, stderr } = taken;
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (const pipe of [stdin, stdout, stderr]) {
      if (pipe === null) continue;
      ours.push(pipe.ours);
      theirs.push(pipe.theirs);
    }
    if (stdin === null || stdout === null || stderr === null) {
      closeAll(ours);
      return null;
    }
    const { launch, filter, script } = files.open();
    ours.push(launch, script);
    theirs.push(filter);
    const [file = '', ...args] = [...enter, systemProgram('sh'), '-c', SCRIPT, NAME];
    const started = await spawnChild(
      {
        file,
        args,
        cwd: '/',
        env: { ...LAUNCH_ENVIRONMENT, [mark[0]]: mark[1] },
        descriptors: [launch, filter, script],
      },
      [stdin.theirs, stdout.theirs, stderr.theirs],
      true,
    );
    return waiting(started, { stdin, stdout, stderr }, { launch, script }, onEnd);
  } catch (error) {
    closeAll(ours);
    throw error;
  } finally {
    closeAll(theirs);
  }
}

type Started = Awaited<ReturnType<typeof spawnChild>>;

function waiting(
  started: Started,
  pipes: { readonly [K in keyof Pipes]: NonNullable<Pipes[K]> },
  { launch, script }: { readonly launch: number; readonly script: number },
  onEnd: () => void,
): PreparedStart {
  const { process: child, pid, exited } = started;
  const go = pipes.stdin.ours;
  let state: 'waiting' | 'used' | 'over' = 'waiting';
  // It must not keep the daemon running.
  child.unref();
  const lives = (): boolean => child.exitCode === null && child.signalCode === null;
  const closeFiles = (): void => closeAll([launch, script]);
  const drop = (): void => {
    state = 'over';
    closeFiles();
    closeAll([go, pipes.stdout.ours, pipes.stderr.ours]);
    // A program that waits for this end must not end before.
    child.ref();
    child.kill('SIGKILL');
  };
  void exited.then(() => {
    if (state !== 'waiting') return;
    drop();
    onEnd();
  });
  return {
    pid,
    get usable() {
      return state === 'waiting' && lives();
    },
    become({ words, content, mark, stdin, onStart }) {
      if (state !== 'waiting') return null;
      let newestBefore: number | null;
      try {
        writeAtStart(launch, content);
        writeAtStart(script, scriptOf(words, mark, stdin));
        newestBefore = newestPid();
        fs.writeSync(go, '\n');
      } catch {
        // EPIPE: it has ended. ENOSPC: no room for its files. The ordinary start reports what remains.
        drop();
        return null;
      }
      state = 'used';
      child.ref();
      onStart({ pid, exited, newestBefore });
      closeFiles();
      if (!stdin) fs.closeSync(go);
      return childOnPipes(started, stdin ? pipes : { ...pipes, stdin: null }, stdin);
    },
    async dispose() {
      if (state === 'waiting') drop();
      if (state === 'over') await exited;
    },
  };
}

function closeAll(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) fs.closeSync(descriptor);
}

/** Longer scripts are left to the ordinary start, which knows the limits of the kernel. In bytes. */
const MAX_SCRIPT = 64 * 1024;
/**
 * Shells use some control characters as marks of their own, and differ in them. Beside the tab and the line feed, such
 * words are left to the ordinary start.
 */
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f]/;

/** Whether a process that waits can become this. */
export const canBecome = (words: readonly string[]): boolean =>
  !words.some((word) => UNSAFE.test(word)) &&
  words.reduce((sum, word) => sum + Buffer.byteLength(quoted(word)) + 1, 0) <= MAX_SCRIPT;

function scriptOf(words: readonly string[], [name, value]: PreparedCall['mark'], stdin: boolean): Buffer {
  const input = stdin ? '' : ' 0<>/dev/null';
  return Buffer.from(`${name}=${quoted(value)}\nexec ${words.map(quoted).join(' ')}${input} 5<&-\n`);
}

/** POSIX, Shell Command Language, 2.2.2: between single quotes every character stands for itself. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
