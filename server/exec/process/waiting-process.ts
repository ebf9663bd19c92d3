/**
 * A process on pipes that waits for its command: a shell that reads one line from its standard input, and then a script
 * from a file without a name. prepared-start.ts and ready-sandbox.ts have the rules of its two kinds.
 *
 * If the daemon ends first, that input ends, and with it the shell. It carries a mark (process-tree.ts) from its start.
 */
import fs from 'node:fs';
import { writeAtStart } from '../../system/node/write-at-start.js';
import { LAUNCH_ENVIRONMENT } from '../../system/programs/system-program.js';
import { spawnChild, type Child, type SpawnedChild } from './child.js';
import type { StartedProcess } from './program-call.js';
import type { PipePool } from './pipe-pool.js';
import { childOnPipes, takePipes, type Pipes } from './process-pipes.js';

/** The place of the script among the descriptors of the process: the third after its streams. */
export const SCRIPT_DESCRIPTOR = 5;
/** A script is opened by this name, so that the shell reads it from its start. */
export const SCRIPT_NAME = `/proc/self/fd/${SCRIPT_DESCRIPTOR}`;

export interface WaitingOptions {
  readonly pipes: PipePool;
  readonly program: { readonly file: string; readonly args: readonly string[] };
  /** Opens its descriptors 3 to 5. The filter is closed here after the start; the others when it has its command. */
  readonly open: () => { readonly launch: number; readonly filter: number; readonly script: number };
  readonly mark: readonly [name: string, value: string];
  /** Called once when it has ended before it became a command. */
  readonly onEnd: () => void;
}

/** What it becomes. */
export interface WaitingCall {
  readonly script: Buffer;
  /** For descriptor 3, if it is to be read only now. */
  readonly launch?: Buffer;
  /** false: its input ends with the line that starts it. */
  readonly stdin: boolean;
  /** Called directly before it starts; what the start then reports. */
  readonly origin: () => Pick<StartedProcess, 'newestBefore' | 'since'>;
  readonly onStart: (process: StartedProcess) => void;
}

export interface WaitingProcess {
  readonly pid: number;
  /** It still waits. */
  readonly usable: boolean;
  /** Takes what it has written to its standard output so far, at most 64 bytes. */
  takeOutput(): Buffer;
  /**
   * Lets it run the script. Call it once. null: it has ended or cannot be used, and nothing of the command has run.
   * Throws SpawnError when the command runs and cannot be used; then `onStart` was called.
   */
  go(call: WaitingCall): Child | null;
  /** Ends it. Resolves when it has ended. Does nothing after `go`. */
  dispose(): Promise<void>;
}

/** null: there are no pipes on this system. Throws SpawnError, and the errors of `open`. */
export async function startWaiting({
  pipes,
  program,
  open,
  mark,
  onEnd,
}: WaitingOptions): Promise<WaitingProcess | null> {
  const { stdin, stdout, stderr } = await takePipes(true, pipes);
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
    const { launch, filter, script } = open();
    ours.push(launch, script);
    theirs.push(filter);
    const started = await spawnChild(
      {
        ...program,
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

function waiting(
  started: SpawnedChild,
  pipes: { readonly [K in keyof Pipes]: NonNullable<Pipes[K]> },
  files: { readonly launch: number; readonly script: number },
  onEnd: () => void,
): WaitingProcess {
  const { process: child, pid, exited } = started;
  const line = pipes.stdin.ours;
  let state: 'waiting' | 'used' | 'over' = 'waiting';
  // It must not keep the daemon running.
  child.unref();
  const lives = (): boolean => child.exitCode === null && child.signalCode === null;
  const closeFiles = (): void => closeAll([files.launch, files.script]);
  const drop = (): void => {
    state = 'over';
    closeFiles();
    closeAll([line, pipes.stdout.ours, pipes.stderr.ours]);
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
    takeOutput: () => (state === 'waiting' ? readNow(pipes.stdout.ours) : Buffer.alloc(0)),
    go({ script, launch, stdin, origin, onStart }) {
      if (state !== 'waiting') return null;
      let from: ReturnType<typeof origin>;
      try {
        if (launch) writeAtStart(files.launch, launch);
        writeAtStart(files.script, script);
        from = origin();
        fs.writeSync(line, '\n');
      } catch {
        // EPIPE: it has ended. ENOSPC: no room for its files. The ordinary start reports what remains.
        drop();
        return null;
      }
      state = 'used';
      child.ref();
      onStart({ pid, exited, ...from });
      closeFiles();
      if (!stdin) fs.closeSync(line);
      return childOnPipes(started, stdin ? pipes : { ...pipes, stdin: null }, stdin);
    },
    async dispose() {
      if (state === 'waiting') drop();
      if (state === 'over') await exited;
    },
  };
}

/** Our end of the pipe does not block. */
function readNow(descriptor: number): Buffer {
  const into = Buffer.alloc(64);
  try {
    return into.subarray(0, fs.readSync(descriptor, into));
  } catch {
    return into.subarray(0, 0); // EAGAIN: it has written nothing.
  }
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

/** Whether a script may contain all of them, quoted. */
export const fitInScript = (words: readonly string[]): boolean =>
  !words.some((word) => UNSAFE.test(word)) &&
  words.reduce((sum, word) => sum + Buffer.byteLength(quoted(word)) + 1, 0) <= MAX_SCRIPT;

/** POSIX, Shell Command Language, 2.2.2: between single quotes every character stands for itself. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
