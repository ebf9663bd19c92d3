/**
 * Starts a command on a terminal (docs/protocol/exec.md §5).
 *
 * node-pty opens the terminal; the rest is ours, because its own Terminal class loses output that is still unread 200
 * ms after the end, invents a TERM, and spins when the program does not read what is typed. The command becomes the
 * leader of a session that has the terminal as its controlling one by way of setsid(1) of util-linux (or busybox):
 * unlike forkpty(3) that also works for the process inside a sandbox, so /dev/tty, ^C and SIGWINCH reach it there too.
 *
 * Scope: Linux. Elsewhere a terminal is refused.
 */
import { isCode } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import { ReadStream } from 'node:tty';
import { packageRoot } from '../../package/package-root.js';
import { loadNativeModule } from '../../system/node/native-module.js';
import { systemProgram, SystemProgramError } from '../../system/programs/system-program.js';
import {
  INPUT_HIGH_WATER_BYTES,
  spawnChild,
  type Child,
  type ChildInput,
  type ChildOutput,
  type ProgramCall,
  type TerminalSize,
} from './child.js';
import { declareInheritable } from './inherited-descriptors.js';
import { SpawnError, toSpawnError } from './spawn-errors.js';

/**
 * Words that come before a command's own and give it the terminal on its stdin as the controlling one. Throws
 * SpawnError.
 */
export function controllingTerminal(): readonly string[] {
  try {
    return [systemProgram('setsid'), '-c', '--'];
  } catch (error) {
    throw error instanceof SystemProgramError ? new SpawnError(`a terminal needs setsid(1): ${error.message}`) : error;
  }
}

/**
 * Throws SpawnError. The process leads no session: what comes before setsid(1) in it, a sandbox's launcher say, could
 * otherwise become the terminal's owner by merely opening it (bash does), and leave it to nobody else.
 */
export async function spawnOnTerminal(call: ProgramCall, size: TerminalSize): Promise<Child> {
  const pty = loadPty();
  const { master, slave } = openTerminal(pty, size);
  const undeclare = declareInheritable(master);
  let screen: ReadStream | null = null;
  try {
    const { pid, exited } = await spawnChild(call, [slave, slave, slave], false);
    const output = terminalOutput(master);
    screen = output.screen;
    screen.once('close', undeclare);
    return {
      pid,
      exited,
      stdout: output,
      stderr: null,
      stdin: terminalInput(screen, master),
      resize: (to) => pty.resize(master, to.cols, to.rows),
    };
  } finally {
    fs.closeSync(slave);
    if (!screen) {
      fs.closeSync(master);
      undeclare();
    }
  }
}

/** The part of node-pty that is native code: prebuilt/…/pty.node, src/unix/pty.cc. */
interface NativePty {
  open(cols: number, rows: number): { readonly master: number; readonly slave: number; readonly pty: string };
  resize(master: number, cols: number, rows: number): void;
}

let native: NativePty | undefined;
function loadPty(): NativePty {
  if (process.platform !== 'linux') throw new SpawnError(`terminals are not available on ${process.platform}`);
  // By need: most daemons never open a terminal.
  native ??= openNative();
  return native;
}

function openNative(): NativePty {
  try {
    return loadNativeModule(packageRoot()) as NativePty;
  } catch (error) {
    throw isCode(error, 'machine.native-module') ? new SpawnError(error.message) : toSpawnError(error);
  }
}

/** Loads what the first terminal needs, where it can be; the first terminal says why it cannot. */
export function loadTerminals(): void {
  try {
    loadPty();
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
  }
}

function openTerminal(pty: NativePty, size: TerminalSize): { master: number; slave: number } {
  const opened = pty.open(size.cols, size.rows);
  try {
    // Opened again, because node-pty's own is O_NONBLOCK, which the command would inherit, and not O_CLOEXEC.
    const slave = fs.openSync(opened.pty, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    return { master: opened.master, slave };
  } catch (error) {
    fs.closeSync(opened.master);
    throw toSpawnError(error);
  } finally {
    fs.closeSync(opened.slave);
  }
}

/** A terminal gives some 4 KiB a read; so many are put together into one piece. */
const PIECE_BYTES = 64 * 1024;
/** A read of less is somebody typing, not bulk. */
const BULK_BYTES = 1024;

/**
 * Reads the terminal piece by piece, each time anew. libuv takes a read that did not fill its buffer for the last one
 * once the other side is closed; on a terminal no read fills it, and a flowing stream would lose what is still there.
 */
function terminalOutput(master: number): ChildOutput & { readonly screen: ReadStream } {
  let take: Parameters<ChildOutput['read']>[0] = () => undefined;
  const next = (): void => {
    if (!screen.destroyed) screen.resume();
  };
  const buffer = Buffer.alloc(PIECE_BYTES);
  const onread = {
    buffer,
    callback: (bytes: number): boolean => {
      const wait = take(Buffer.from(buffer.subarray(0, bytes < BULK_BYTES ? bytes : readMore(master, buffer, bytes))));
      if (wait) void wait.then(next);
      else setImmediate(next);
      return false; // Stops reading now; `next` starts it again from outside this read.
    },
  };
  const screen = new ReadStream(master, { onread } as ConstructorParameters<typeof ReadStream>[1]);
  // EIO: the last process has closed the terminal, which is how its output ends. 'close' follows.
  screen.on('error', () => screen.destroy());
  return {
    screen,
    read: (taker) => {
      take = taker;
      screen.resume();
    },
    ended: new Promise((resolve) => screen.once('close', resolve)),
    stop: () => screen.destroy(),
  };
}

/** Reads on while there is something at once, up to the end of `buffer`. Returns how much of it is filled. */
function readMore(master: number, buffer: Buffer, filled: number): number {
  try {
    while (filled < buffer.length) {
      const bytes = fs.readSync(master, buffer, filled, buffer.length - filled, null);
      if (bytes === 0) break;
      filled += bytes;
    }
  } catch {
    // EAGAIN: nothing more now. EIO: the end, which the stream finds by itself.
  }
  return filled;
}

/** How long to wait before typing on when the program has not read what was typed before. */
const FULL_TERMINAL_RETRY_MS = 10;
/** A new line and ^D at its start: what the protocol calls the end of a terminal's input (docs/protocol/exec.md §5). */
const END_OF_INPUT = Buffer.from('\n\x04');

/**
 * Types into the terminal. Not through the stream: libuv makes writes to a master blocking, and a program that does not
 * read would stop the daemon.
 */
function terminalInput(screen: ReadStream, master: number): ChildInput {
  const queue: Buffer[] = [];
  let queued = 0;
  let timer: NodeJS.Timeout | null = null;
  let waiters: (() => void)[] = [];

  const settle = (): void => {
    if (queued >= INPUT_HIGH_WATER_BYTES) return;
    for (const resolve of waiters) resolve();
    waiters = [];
  };
  const drop = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    queue.length = 0;
    queued = 0;
    settle();
  };
  const type = (): void => {
    timer = null;
    // A destroyed stream has closed the descriptor, and its number may be another file's by now.
    for (let data = queue[0]; data && !screen.destroyed; data = queue[0]) {
      const written = writeNow(master, data);
      if (written === 'gone') return drop();
      queued -= written;
      if (written < data.length) {
        queue[0] = data.subarray(written);
        timer = setTimeout(type, FULL_TERMINAL_RETRY_MS);
        break;
      }
      queue.shift();
    }
    settle();
  };
  const enqueue = (data: Buffer): void => {
    queue.push(data);
    queued += data.length;
    if (!timer) type();
  };
  screen.once('close', drop);

  return {
    write: async (data) => {
      if (screen.destroyed || !data.length) return;
      enqueue(data);
      if (queued >= INPUT_HIGH_WATER_BYTES) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    end: () => {
      if (!screen.destroyed) enqueue(END_OF_INPUT);
    },
    destroy: drop,
  };
}

/** How many bytes the terminal took, without waiting for it. */
function writeNow(master: number, data: Buffer): number | 'gone' {
  try {
    return fs.writeSync(master, data);
  } catch (error) {
    // EIO: nobody has the other side open any more.
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : 'gone';
  }
}
