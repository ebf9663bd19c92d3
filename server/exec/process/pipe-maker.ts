/**
 * Pipes that never had a name.
 *
 * Threat: a FIFO is found by its name. Commands have the daemon's user id, so no mode keeps them from opening one in a
 * folder that they see, and a folder that they can write they can exchange while the daemon opens what lies in it.
 * Rule: Node has no pipe(2), so a small program of the system makes the pipes and holds them for a moment; the daemon
 * opens them through `/proc/PID/fd` of that child, by O_PATH, looks that each is a pipe of the kernel's own pipe file
 * system, and lets the program close them. From then on only the daemon's descriptor leads to the pipe.
 * Why it is that program's: it is our own child, and its process id is not given to another before we have waited for
 * it.
 * Scope: Linux. The program is one a daemon, idle between batches, and ends with the daemon, whatever ends that.
 * Non-scope: a command without any sandbox, which can look into every process of its user.
 */
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import { startProgram } from '../../system/programs/start-program.js';
import {
  LAUNCH_ENVIRONMENT,
  systemProgram,
  SystemProgramError,
  type TrustedProgram,
} from '../../system/programs/system-program.js';
import { shieldDescriptors } from './inherited-descriptors.js';

export interface PipeMaker {
  /**
   * Makes at least `count` pipes, in groups of GROUP. Each is an O_PATH descriptor, the caller's to close. One call at
   * a time. Throws `exec.pipes` when no program here can make them; what else it throws may pass.
   */
  make(count: number): Promise<number[]>;
  close(): void;
}

/** Asking again would be in vain. */
const pipesImpossible = (message: string): CodexdError => new CodexdError('exec.pipes', message);

/** Pipes that one round makes: a shell has nine descriptors, and two of them it talks to us with. */
export const GROUP = 7;
/** Descriptors of ours that it takes to start the program. */
export const MAKER_DESCRIPTORS = 8;

const DESCRIPTORS = [3, 4, 5, 6, 7, 8, 9] as const;

interface Program {
  readonly name: 'sh' | 'perl';
  readonly args: readonly string[];
}

/**
 * Both read a line and answer one: `make` with the descriptors of new pipes, anything else, having closed them, with an
 * empty one.
 */
const PROGRAMS: readonly Program[] = [
  {
    // dash, busybox and bash since 5.1 put a here-document into a pipe, older bash into a file, which is noticed. bash
    // does not make one for an empty document; what it says is gone when the program has closed it.
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

/** That program is not there, or does something else. */
const unfit = (why: string): CodexdError => new CodexdError('exec.pipe-maker', why);

async function makePipes(worker: Worker, count: number): Promise<number[]> {
  const made: number[] = [];
  try {
    while (made.length < count) {
      const answer = await worker.ask('make');
      for (const descriptor of answer.split(' ')) made.push(openPipe(worker, descriptor));
      // Else it would be a reader of them all, and a command whose output nobody reads any more would not notice.
      await worker.ask('drop');
    }
    return made;
  } catch (error) {
    for (const pipe of made) fs.closeSync(pipe);
    throw error;
  }
}

/** open(2), include/uapi/asm-generic/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;

function openPipe(worker: Worker, descriptor: string): number {
  if (!/^\d+$/.test(descriptor)) throw unfit(`answered ${descriptor}`);
  const pipe = fs.openSync(`/proc/${worker.pid}/fd/${descriptor}`, O_PATH);
  try {
    const stat = fs.fstatSync(pipe);
    // A FIFO with a name has the device of its folder; pipe(2) has one that nothing can be mounted from.
    const nameless = stat.isFIFO() && fs.readlinkSync(`/proc/self/fd/${pipe}`) === `pipe:[${stat.ino}]`;
    if (!nameless || stat.uid !== process.geteuid?.()) throw unfit('not a pipe of its own');
    if (!worker.alive()) throw new Error('the program that makes pipes has ended');
    return pipe;
  } catch (error) {
    fs.closeSync(pipe);
    throw error;
  }
}

interface Worker {
  readonly pid: number;
  /** Not waited for yet, so that its process id is its own. */
  alive(): boolean;
  /** One question at a time. */
  ask(line: string): Promise<string>;
  end(): void;
}

/** A stuck program must not hold up commands for good. */
const ANSWER_WITHIN_MS = 10_000;

function startWorker({ name, args }: Program): Worker {
  const file = programFile(name);
  const child = startProgram(file, args, {
    argv0: name,
    // An older bash puts its file there before it is found unfit: every sandbox has a /dev/shm of its own.
    env: { ...LAUNCH_ENVIRONMENT, TMPDIR: '/dev/shm' },
    // Without a shield it would hold a terminal that is open now for as long as it lives.
    stdio: shieldDescriptors(['pipe', 'pipe', 'ignore']),
    detached: true, // A terminal's ^C is for the daemon.
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('a child without its pipes');
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
    // Of a program that was not started, 'error' above tells the reason.
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

/** Neither the process nor its pipes keep the daemon's event loop alive. */
function letGo(child: ChildProcess): void {
  child.unref();
  (child.stdin as Socket | null)?.unref();
  (child.stdout as Socket | null)?.unref();
}
