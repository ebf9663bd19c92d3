/**
 * Pipes for commands.
 *
 * Node connects children with socket pairs, and shells notice: `> /dev/stderr` and `/proc/self/fd/1` cannot be opened
 * on a socket, and bash takes a socket on stdin for a remote login and reads ~/.bashrc. So commands get pipes, which
 * are made in batches, off the hot path (pipe-maker.ts), and have no name. A pipe serves one command and is never used
 * again.
 *
 * Scope: Linux. Elsewhere, and where nothing can make pipes, commands get Node's socket pairs. A moment's scarcity (of
 * descriptors, processes, memory) is no reason for that: it fails the command, and passes.
 */
import { isCode } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import { assertDescriptors, claimDescriptors, freeDescriptors } from '../../system/programs/descriptors.js';
import { createPipeMaker, GROUP, MAKER_DESCRIPTORS } from './pipe-maker.js';

/** The two ends of one pipe, as file descriptors; each side closes its own. */
export interface PipeEnds {
  readonly ours: number;
  readonly theirs: number;
}

export interface PipePool {
  /**
   * A pipe that a command writes to; our end does not block. null: pipes cannot be made here. Throws what the system
   * says when they cannot be made at the moment.
   */
  output(): Promise<PipeEnds | null>;
  /** A pipe that a command reads from; our end does not block. Otherwise as `output`. */
  input(): Promise<PipeEnds | null>;
  /** Makes pipes ahead of need. */
  warm(): void;
  close(): void;
}

/** Enough for 16 commands at once with all three streams. */
const BATCH = 48;
const REFILL_BELOW = 24;
/** After a failure nothing is made ahead of need for so long, each time twice as long as the last. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;

/** `warn` is told when commands have to do without pipes, or none could be made ahead of need. */
export function createPipePool(warn: (message: string) => void): PipePool {
  const ready: number[] = [];
  const maker = createPipeMaker();
  let possible = process.platform === 'linux';
  let closed = false;
  let refilling: Promise<void> | null = null;
  let restMs = FIRST_REST_MS;
  let restsUntil = 0;

  const make = async (ahead: boolean): Promise<void> => {
    const needed = GROUP + MAKER_DESCRIPTORS;
    // Who waits for them has made its claim already.
    if (!ahead) assertDescriptors('a command', needed);
    const settle = ahead ? claimDescriptors('a command', needed) : () => {};
    try {
      // Spare pipes are a comfort: they take a quarter of what is left at most.
      const made = await maker.make(Math.max(1, Math.min(BATCH, Math.floor(freeDescriptors() / 4))));
      restMs = FIRST_REST_MS;
      if (closed) made.forEach((pipe) => fs.closeSync(pipe));
      else ready.push(...made);
    } finally {
      settle();
      if (closed) maker.close();
    }
  };
  const refill = (ahead: boolean): Promise<void> =>
    (refilling ??= make(ahead)
      .catch((error: unknown) => {
        if (isCode(error, 'exec.pipes')) {
          possible = false;
          warn(
            `commands get socket pairs instead of pipes (some scripts cannot open /dev/stderr then): ${error.message}`,
          );
          return;
        }
        restsUntil = Date.now() + restMs;
        restMs = Math.min(restMs * 2, LONGEST_REST_MS);
        throw error;
      })
      .finally(() => (refilling = null)));
  const refillAhead = (): void => {
    if (refilling || !possible || closed || Date.now() < restsUntil) return;
    refill(true).catch((error: unknown) => warn(`no pipes could be made ahead of need: ${String(error)}`));
  };
  const take = async (): Promise<number | null> => {
    if (ready.length && ready.length < REFILL_BELOW) refillAhead();
    // One ahead of need may fail over a claim that this command has made already.
    while (!ready.length && refilling) await refilling.catch(() => {});
    while (!ready.length && possible && !closed) await refill(false);
    return ready.pop() ?? null;
  };

  return {
    output: async () => opened(await take(), openOutput),
    input: async () => opened(await take(), openInput),
    warm: () => {
      if (!ready.length) refillAhead();
    },
    close: () => {
      closed = true;
      for (const pipe of ready.splice(0)) fs.closeSync(pipe);
      if (!refilling) maker.close();
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
const openOutput = (file: string): PipeEnds =>
  openAll(file, [O_RDONLY | O_NONBLOCK, O_WRONLY], ([ours, theirs]) => ({ ours, theirs }));

/**
 * fifo(7): a writer may open without blocking only when there is a reader, and a reader blocks until there is a writer.
 */
const openInput = (file: string): PipeEnds =>
  openAll(file, [O_RDONLY | O_NONBLOCK, O_WRONLY | O_NONBLOCK, O_RDONLY], ([reader, ours, theirs]) => {
    fs.closeSync(reader);
    return { ours, theirs };
  });

/** All of them or, at the limit of open files, none. */
function openAll<const Flags extends readonly number[]>(
  file: string,
  flags: Flags,
  use: (descriptors: { -readonly [K in keyof Flags]: number }) => PipeEnds,
): PipeEnds {
  const open: number[] = [];
  try {
    for (const flag of flags) open.push(fs.openSync(file, flag));
  } catch (error) {
    for (const descriptor of open) fs.closeSync(descriptor);
    throw error;
  }
  return use(open as { -readonly [K in keyof Flags]: number });
}
