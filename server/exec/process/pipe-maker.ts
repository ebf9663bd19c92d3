/**
 * Makes pipes that have no name.
 *
 * Threat: a FIFO can be found by its name. Commands have the daemon's user id, so no file mode keeps them from opening
 * a FIFO in a folder that they see. They can also replace a folder that they may write while the daemon opens a file in
 * it.
 * Rule: Node has no pipe(2), so a small system program makes the pipes and holds them briefly. The daemon opens them
 * through `/proc/PID/fd` of that child with O_PATH, checks that each is a pipe of the kernel's pipe file system, and
 * lets the program close them. From then on only the daemon's descriptor leads to the pipe. The PID is safe to use: the
 * program is our own child, and the kernel does not reuse its process id before we have waited for it.
 * Scope: Linux. Each daemon has one such program, idle between batches. It ends with the daemon, for any reason.
 * Non-scope: a command without a sandbox, which can inspect every process of its user.
 */
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import { fault } from '../../errors/fault.js';
import { startProgram } from '../../system/programs/start-program.js';
import { letGo } from '../../system/programs/watching-shell.js';
import {
  LAUNCH_ENVIRONMENT,
  systemProgram,
  SystemProgramError,
  type TrustedProgram,
} from '../../system/programs/system-program.js';
import { shieldDescriptors } from './inherited-descriptors.js';

export interface PipeMaker {
  /**
   * Makes at least `count` pipes, in groups of GROUP. Each is an O_PATH descriptor that the caller must close. One call
   * at a time. Throws `exec.pipes` when no program on this system can make pipes; other errors may be
   * temporary.
   */
  make(count: number): Promise<number[]>;
  close(): void;
}

/** Pipes can never be made on this system, so a retry is useless. */
const pipesImpossible = (message: string): CodexdError => new CodexdError('exec.pipes', message);

/** Pipes that one round makes: a shell has nine descriptors, and uses two of them to talk to us. */
export const GROUP = 7;
/** Descriptors of the daemon that the start of the program needs. */
export const MAKER_DESCRIPTORS = 8;

const DESCRIPTORS = [3, 4, 5, 6, 7, 8, 9] as const;

interface Program {
  readonly name: 'sh' | 'perl';
  readonly args: readonly string[];
}

/**
 * Both programs read lines and answer each with one line. They answer `make` with the descriptors of new pipes. They
 * answer anything else with an empty line, after closing the pipes.
 */
const PROGRAMS: readonly Program[] = [
  {
    // dash, busybox and bash since 5.1 put a here-document into a pipe; older bash uses a file, which the check
    // notices. bash makes no pipe for an empty document. The document's text disappears when the program closes the
    // pipe.
    name: 'sh',
    args: [
      '-c',
      `while read -r ask; do
case $ask in
make) exec ${DESCRIPTORS.map((n) => `${n}<<'.'`).join(' ')}
${'-\n.\n'.repeat(DESCRIPTORS.length)}
echo ${DESCRIPTORS.join(' ')} ;;
*) exec ${DESCRIPTORS.map((n) => `${n}<&-`).join(' ')}
echo ;;
esac
done`,
    ],
  },
  {
    name: 'perl',
    args: [
      '-e',
      `$|=1; while (<STDIN>) { @k=(); if (/make/) { for (1..${GROUP}) { pipe(my $r, my $w) or die $!; push @k, $r } } print join(" ", map { fileno $_ } @k), "\\n" }`,
    ],
  },
];

export function createPipeMaker(): PipeMaker {
  let untried = [...PROGRAMS];
  let worker: Worker | null = null;
  const dismiss = (): void => {
    worker?.end();
    worker = null;
  };
  return {
    async make(count) {
      for (;;) {
        const program = untried[0];
        if (!program) throw pipesImpossible('neither sh nor perl of this system makes pipes');
        try {
          worker ??= startWorker(program);
          return await makePipes(worker, count);
        } catch (error) {
          dismiss();
          if (!isCode(error, 'exec.pipe-maker')) throw error;
          untried = untried.slice(1);
        }
      }
    },
    close: dismiss,
  };
}

/** The program is missing or behaves differently. */
const unfit = (why: string): CodexdError => new CodexdError('exec.pipe-maker', why);

async function makePipes(worker: Worker, count: number): Promise<number[]> {
  const made: number[] = [];
  try {
    while (made.length < count) {
      const answer = await worker.ask('make');
      for (const descriptor of answer.split(' ')) made.push(openPipe(worker, descriptor));
      // Otherwise the program would stay a reader of all pipes. A command would then not notice that nobody reads its
      // output.
      await worker.ask('drop');
    }
    return made;
  } catch (error) {
    for (const pipe of made) fs.closeSync(pipe);
    throw error;
  }
}

/** open(2), include/uapi/asm-generic/fcntl.h; Node has no constant for it. */
const O_PATH = 0o10000000;

function openPipe(worker: Worker, descriptor: string): number {
  if (!/^\d+$/.test(descriptor)) throw unfit(`answered ${descriptor}`);
  const pipe = fs.openSync(`/proc/${worker.pid}/fd/${descriptor}`, O_PATH);
  try {
    const stat = fs.fstatSync(pipe);
    // A named FIFO has the device of its folder. pipe(2) uses a device that cannot be mounted.
    const nameless = stat.isFIFO() && fs.readlinkSync(`/proc/self/fd/${pipe}`) === `pipe:[${stat.ino}]`;
    if (!nameless || stat.uid !== process.geteuid?.()) throw unfit('not a pipe of its own');
    if (!worker.alive()) throw new CodexdError('exec.pipe-maker', 'the program that makes pipes has ended');
    return pipe;
  } catch (error) {
    fs.closeSync(pipe);
    throw error;
  }
}

interface Worker {
  readonly pid: number;
  /** Not waited for yet, so its process id still belongs to it. */
  alive(): boolean;
  /** One question at a time. */
  ask(line: string): Promise<string>;
  end(): void;
}

/** A stuck program must not block commands forever. */
const ANSWER_WITHIN_MS = 10_000;

function startWorker({ name, args }: Program): Worker {
  const file = programFile(name);
  const child = startProgram(file, args, {
    argv0: name,
    // An older bash creates a file there before the check rejects it. Every sandbox has its own /dev/shm.
    env: { ...LAUNCH_ENVIRONMENT, TMPDIR: '/dev/shm' },
    // Without the shield, the program would hold a currently open terminal for its whole life.
    stdio: shieldDescriptors(['pipe', 'pipe', 'ignore']),
    detached: true, // ^C on a terminal goes to the daemon.
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw fault('a child process was started with pipes, and has none');
  let fail: (error: Error) => void = () => {};
  let answer: (line: string) => void = () => {};
  let ended: Error | null = null;
  let text = '';
  const lost = (error: Error): void => {
    ended ??= error;
    fail(ended);
  };
  child.once('error', (error: NodeJS.ErrnoException) =>
    lost(error.code === 'ENOENT' || error.code === 'EACCES' ? unfit(error.message) : error),
  );
  child.once('exit', (code, signal) => lost(new Error(`${file}, which makes pipes, ended with ${signal ?? code}`)));
  for (const stream of [stdin, stdout]) {
    // For a program that did not start, 'error' above gives the reason.
    stream.on('error', (error) => (child.pid === undefined ? undefined : lost(error)));
  }
  stdout.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
    const end = text.indexOf('\n');
    if (end < 0) return;
    const line = text.slice(0, end);
    text = '';
    answer(line);
  });
  letGo(child);
  return {
    pid: child.pid ?? 0,
    alive: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    ask: (line) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const timer = setTimeout(() => fail(new Error(`${file} does not answer`)), ANSWER_WITHIN_MS);
        fail = (error) => {
          clearTimeout(timer);
          reject(error);
        };
        answer = (said) => {
          clearTimeout(timer);
          resolve(said);
        };
        stdin.write(`${line}\n`);
      }),
    end: () => {
      stdin.destroy();
      stdout.destroy();
      child.kill('SIGKILL');
    },
  };
}

function programFile(name: Program['name']): TrustedProgram {
  try {
    return systemProgram(name);
  } catch (error) {
    throw error instanceof SystemProgramError ? unfit(error.message) : error;
  }
}
