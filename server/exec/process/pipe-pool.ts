/**
 * Pipes for commands.
 *
 * Node connects children through socket pairs, and shells notice: `> /dev/stderr` and `/proc/self/fd/1` cannot be
 * opened on a socket, and bash treats a socket on stdin as a remote login and reads ~/.bashrc. So commands get pipes,
 * which have no name: the kernel makes each when it is needed, or, without koffi, pipe-maker.ts makes them in batches,
 * off the hot path. A pipe serves one command and is never reused.
 *
 * Scope: Linux. On other systems, and where no program can make pipes, commands get Node's socket pairs. A temporary
 * shortage (of descriptors, processes, memory) does not cause this fallback; it fails the command.
 */
import { messageOf } from '../../errors/message-of.js';
import { isCode } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import {
  assertDescriptors,
  claimDescriptors,
  descriptorLimit,
  freeDescriptors,
} from '../../system/programs/descriptors.js';
import { packageRoot } from '../../package/package-root.js';
import { loadNamelessPipes, type NamelessPipe, type NamelessPipes } from '../../system/linux/nameless-pipes.js';
import { createPipeMaker, GROUP, MAKER_DESCRIPTORS } from './pipe-maker.js';

/** The two ends of one pipe, as file descriptors. Each side closes its own. */
export interface PipeEnds {
  readonly ours: number;
  readonly theirs: number;
}

export interface PipePool {
  /**
   * Returns a pipe that a command writes to; our end does not block. null: pipes cannot be made on this system. Throws
   * the system's error when they cannot be made at the moment.
   */
  output(): Promise<PipeEnds | null>;
  /** Returns a pipe that a command reads from; our end does not block. Otherwise like `output`. */
  input(): Promise<PipeEnds | null>;
  /** Makes spare pipes in advance. */
  warm(): void;
  close(): void;
}

/** Enough for 16 concurrent commands with all three streams. */
const BATCH = 48;
const REFILL_BELOW = 24;
/** After a failure, the pool makes no spare pipes for this time. Each further failure doubles it. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;

/**
 * Calls `warn` when commands run without pipes, or when no spare pipes could be made. `direct`: what makes single
 * pipes; null: nothing here can.
 */
export function createPipePool(
  warn: (message: string) => void,
  direct: () => NamelessPipes | null = namelessPipes,
): PipePool {
  const programs = createMadePipes(warn);
  const made = (ours: keyof NamelessPipe, theirs: keyof NamelessPipe): PipeEnds | null => {
    const maker = direct();
    if (maker === null) return null;
    const pipe = maker.make(ours);
    if (pipe !== null && Math.max(pipe.reader, pipe.writer) < descriptorLimit() - RESERVED)
      return { ours: pipe[ours], theirs: pipe[theirs] };
    if (pipe !== null) for (const end of [pipe.reader, pipe.writer]) fs.closeSync(end);
    // It throws: so many are never left. Its error says who has them.
    assertDescriptors('a command', Infinity);
    return null;
  };
  return {
    output: async () => made('reader', 'writer') ?? programs.output(),
    input: async () => made('writer', 'reader') ?? programs.input(),
    warm: () => {
      if (direct() === null) programs.warm();
    },
    close: () => programs.close(),
  };
}

/**
 * So many of the highest descriptors are not for pipes: the start of a process needs some, and so does the error. The
 * kernel gives the lowest ones first.
 */
const RESERVED = 8;

let loaded: NamelessPipes | null | undefined = process.platform === 'linux' ? undefined : null;

/** null: koffi is missing, or this is another system. */
function namelessPipes(): NamelessPipes | null {
  try {
    loaded ??= loaded === null ? null : loadNamelessPipes(packageRoot());
  } catch (error) {
    if (!isCode(error, 'machine.native-module')) throw error;
    loaded = null;
  }
  return loaded;
}

/** Pipes that a program makes. */
function createMadePipes(warn: (message: string) => void): PipePool {
  const ready: number[] = [];
  const maker = createPipeMaker();
  let possible = process.platform === 'linux';
  let closed = false;
  let refilling: Promise<void> | null = null;
  let restMs = FIRST_REST_MS;
  let restsUntil = 0;

  const make = async (ahead: boolean): Promise<void> => {
    const needed = GROUP + MAKER_DESCRIPTORS;
    // A caller that waits for pipes has already made its claim.
    if (!ahead) assertDescriptors('a command', needed);
    const settle = ahead ? claimDescriptors('a command', needed) : () => {};
    try {
      // Spare pipes are optional: they use at most a quarter of the free descriptors.
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
    refill(true).catch((error: unknown) => warn(`no pipes could be made ahead of need: ${messageOf(error)}`));
  };
  const take = async (): Promise<number | null> => {
    if (ready.length && ready.length < REFILL_BELOW) refillAhead();
    // A refill in advance may fail because of a claim that this command has already made.
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

/** Each open creates its own file description, so that our O_NONBLOCK does not affect the command. */
const openOutput = (file: string): PipeEnds =>
  openAll(file, [O_RDONLY | O_NONBLOCK, O_WRONLY], ([ours, theirs]) => ({ ours, theirs }));

/** fifo(7): a writer can open without blocking only when a reader exists; a reader blocks until a writer exists. */
const openInput = (file: string): PipeEnds =>
  openAll(file, [O_RDONLY | O_NONBLOCK, O_WRONLY | O_NONBLOCK, O_RDONLY], ([reader, ours, theirs]) => {
    fs.closeSync(reader);
    return { ours, theirs };
  });

/** Opens all of them, or none at the limit of open files. */
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
