/**
 * Starts a command on a terminal (docs/protocol/exec.md §5).
 *
 * node-pty opens the terminal; this file does the rest. Its Terminal class loses output that is unread 200 ms after the
 * end, sets its own TERM, and spins when the program does not read its input. setsid(1) of util-linux (or busybox)
 * makes the command the leader of a session with the terminal as its controlling terminal. Unlike forkpty(3), this also
 * works for the process inside a sandbox, so /dev/tty, ^C and SIGWINCH reach it there.
 *
 * macOS has no setsid(1): there the process leads a session from its start, and node-pty's spawn-helper takes the
 * terminal before the sandbox begins (system/programs/terminal-leader.ts).
 *
 * Scope: Linux and macOS. Windows has consoles (process-console.ts).
 */
import { isCode } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import { ReadStream } from 'node:tty';
import { osCode } from '../../errors/os-code.js';
import { packageRoot } from '../../package/package-root.js';
import { loadNativeModule } from '../../system/node/native-module.js';
import { SystemProgramError } from '../../system/programs/system-program.js';
import { terminalLeader, type TerminalLeader } from '../../system/programs/terminal-leader.js';
import {
  INPUT_HIGH_WATER_BYTES,
  spawnChild,
  type Child,
  type ChildInput,
  type ChildOutput,
  type TerminalSize,
} from './child.js';
import type { ProgramCall } from './program-call.js';
import { declareInheritable } from './inherited-descriptors.js';
import { SpawnError, toSpawnError } from './spawn-errors.js';

/** Returns the argv prefix that makes the terminal on stdin the controlling terminal. Throws SpawnError. */
export function controllingTerminal(): readonly string[] {
  return leader().inner;
}

function leader(): TerminalLeader {
  try {
    return terminalLeader();
  } catch (error) {
    if (error instanceof SystemProgramError) throw new SpawnError(`a terminal needs setsid(1): ${error.message}`);
    throw isCode(error, 'machine.native-module') ? new SpawnError(error.message) : error;
  }
}

/**
 * Starts the program on a new terminal. Throws SpawnError. On Linux the process leads no session. Otherwise a program
 * that runs before setsid(1), such as a sandbox's launcher, could become the terminal's owner by opening it (bash
 * does), and would keep it.
 */
export async function spawnOnTerminal(
  call: ProgramCall,
  size: TerminalSize,
  { outer }: Pick<TerminalLeader, 'outer'> = leader(),
): Promise<Child> {
  const pty = loadPty();
  const { master, slave } = openTerminal(pty, size);
  const undeclare = declareInheritable(master);
  let screen: ReadStream | null = null;
  try {
    const [helper, ...words] = outer;
    const started = helper === undefined ? call : { ...call, file: helper, args: [...words, call.file, ...call.args] };
    const { pid, exited } = await spawnChild(started, [slave, slave, slave], helper !== undefined);
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

/** The native part of node-pty: prebuilt/…/pty.node, src/unix/pty.cc. */
interface NativePty {
  open(cols: number, rows: number): { readonly master: number; readonly slave: number; readonly pty: string };
  resize(master: number, cols: number, rows: number): void;
}

let native: NativePty | undefined;
function loadPty(): NativePty {
  // Loaded on demand: most daemons never open a terminal.
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

/** Loads the native part in advance, if possible. On failure, the first terminal reports the reason. */
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
    // Opened again: node-pty's own descriptor has O_NONBLOCK, which the command would inherit, and lacks O_CLOEXEC.
    const slave = fs.openSync(opened.pty, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    return { master: opened.master, slave };
  } catch (error) {
    fs.closeSync(opened.master);
    throw toSpawnError(error);
  } finally {
    fs.closeSync(opened.slave);
  }
}

/** A terminal returns about 4 KiB for each read. The reader joins reads into pieces of this size. */
const PIECE_BYTES = 64 * 1024;
/** A smaller read is a person typing, not bulk output. */
const BULK_BYTES = 1024;

/**
 * Reads the terminal piece by piece, with a new read for each. Once the other side is closed, libuv treats a read that
 * did not fill its buffer as the last one. On a terminal no read fills the buffer, so a flowing stream would lose the
 * remaining output.
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
      return false; // Stops reading; `next` starts it again from outside this read.
    },
  };
  const screen = new ReadStream(master, { onread } as ConstructorParameters<typeof ReadStream>[1]);
  // EIO: the last process has closed the terminal; this is the normal end of the output. 'close' follows.
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

/** Continues to read while data is available, up to the end of `buffer`. Returns the number of filled bytes. */
function readMore(master: number, buffer: Buffer, filled: number): number {
  try {
    while (filled < buffer.length) {
      const bytes = fs.readSync(master, buffer, filled, buffer.length - filled, null);
      if (bytes === 0) break;
      filled += bytes;
    }
  } catch {
    // EAGAIN: no more data now. EIO: the end, which the stream detects itself.
  }
  return filled;
}

/** The delay before the next write when the program has not read the earlier input. */
const FULL_TERMINAL_RETRY_MS = 10;
/** A new line, then ^D: the protocol's end of input for a terminal (docs/protocol/exec.md §5). */
const END_OF_INPUT = Buffer.from('\n\x04');

/**
 * Writes to the terminal directly and not through the stream. libuv makes writes to a master blocking, so a program
 * that does not read would block the daemon.
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
    // A destroyed stream has closed the descriptor; another file may have its number by now.
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

/** Writes without waiting. Returns how many bytes the terminal accepted. */
function writeNow(master: number, data: Buffer): number | 'gone' {
  try {
    return fs.writeSync(master, data);
  } catch (error) {
    // EIO: no process has the other side open.
    return osCode(error) === 'EAGAIN' ? 0 : 'gone';
  }
}
