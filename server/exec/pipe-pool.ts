/**
 * Pipes for commands.
 *
 * Node connects children with socket pairs, and shells notice: `> /dev/stderr` and `/proc/self/fd/1` cannot be opened on
 * a socket, and bash takes a socket on stdin for a remote login and reads ~/.bashrc. Node has no pipe(2), so FIFOs are
 * made in batches (one mkfifo for many, off the hot path), opened by O_PATH and unlinked: from then on each is an
 * anonymous pipe that only its descriptor leads to. A pipe serves one command and is never used again.
 *
 * Scope: Linux. Elsewhere, and where mkfifo cannot work, commands get Node's socket pairs.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The two ends of one pipe, as file descriptors; each side closes its own. */
export interface PipeEnds {
  readonly ours: number;
  readonly theirs: number;
}

export interface PipePool {
  /** A pipe that a command writes to; our end does not block. null: pipes cannot be made here. */
  output(): Promise<PipeEnds | null>;
  /** A pipe that a command reads from; our end does not block. */
  input(): Promise<PipeEnds | null>;
  /** Makes pipes ahead of need. */
  warm(): void;
  close(): void;
}

/** Enough for 16 commands at once with all three streams. */
const BATCH = 48;
const REFILL_BELOW = 24;
/** When pipes could not be made, commands do without for so long. */
const RETRY_MS = 60_000;
/** open(2), include/uapi/asm-generic/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;

/** `warn` is told when pipes cannot be made. */
export function createPipePool(warn: (message: string) => void): PipePool {
  const ready: number[] = [];
  let usableFrom = process.platform === 'linux' ? 0 : Infinity;
  let closed = false;
  let refilling: Promise<void> | null = null;

  const refill = (): Promise<void> =>
    (refilling ??= makePipes(BATCH)
      .then(
        (made) => {
          if (closed) made.forEach((pipe) => fs.closeSync(pipe));
          else ready.push(...made);
        },
        (error: unknown) => {
          usableFrom = Date.now() + RETRY_MS;
          warn(`commands get socket pairs instead of pipes (some scripts cannot open /dev/stderr then): ${error}`);
        },
      )
      .finally(() => (refilling = null)));

  const usable = (): boolean => !closed && Date.now() >= usableFrom;
  const take = async (): Promise<number | null> => {
    if (ready.length < REFILL_BELOW && usable()) void refill();
    while (!ready.length && usable()) await refill();
    return ready.pop() ?? null;
  };

  return {
    output: async () => opened(await take(), openOutput),
    input: async () => opened(await take(), openInput),
    warm: () => {
      if (!ready.length && usable()) void refill();
    },
    close: () => {
      closed = true;
      for (const pipe of ready.splice(0)) fs.closeSync(pipe);
    },
  };
}

function opened(pipe: number | null, open: (file: string) => PipeEnds): PipeEnds | null {
  if (pipe === null) return null;
  try {
    return open(`/proc/self/fd/${pipe}`);
  } finally {
    fs.closeSync(pipe);
  }
}

/** Each open makes a file description of its own, so that our O_NONBLOCK is not the command's. */
function openOutput(file: string): PipeEnds {
  const ours = fs.openSync(file, O_RDONLY | O_NONBLOCK);
  return { ours, theirs: fs.openSync(file, O_WRONLY) };
}

/** fifo(7): a writer may open without blocking only when there is a reader, and a reader blocks until there is a writer. */
function openInput(file: string): PipeEnds {
  const reader = fs.openSync(file, O_RDONLY | O_NONBLOCK);
  const ours = fs.openSync(file, O_WRONLY | O_NONBLOCK);
  const theirs = fs.openSync(file, O_RDONLY);
  fs.closeSync(reader);
  return { ours, theirs };
}

async function makePipes(count: number): Promise<number[]> {
  // Mode 0700: nobody else can open a FIFO in the moment that it has a name.
  const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'codexd-pipes-'));
  try {
    const files = Array.from({ length: count }, (_, index) => path.join(folder, String(index)));
    await run('mkfifo', ['-m', '600', ...files]);
    return files.map((file) => fs.openSync(file, O_PATH));
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code ?? signal}`)),
    );
  });
}
