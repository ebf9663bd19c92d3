import fs from 'node:fs';
import net from 'node:net';
import type { Readable } from 'node:stream';
import { fault } from '../../errors/fault.js';
import {
  INPUT_HIGH_WATER_BYTES,
  spawnChild,
  type Child,
  type ChildInput,
  type ChildOutput,
  type SpawnedChild,
} from './child.js';
import type { ProgramCall } from './program-call.js';
import type { ProcessHandle } from './forkless-start.js';
import type { PipeEnds, PipePool } from './pipe-pool.js';
import { toSpawnError } from './spawn-errors.js';

/**
 * Starts a command on pipes, in its own session. `stdin` false: it reads from /dev/null (docs/protocol/exec.md §3).
 * Throws SpawnError.
 */
export async function spawnOnPipes(call: ProgramCall, stdin: boolean, pool: PipePool): Promise<Child> {
  const pipes = await takePipes(stdin, pool);
  let started;
  try {
    started = await spawnChild(
      call,
      [pipes.stdin?.theirs ?? (stdin ? 'pipe' : 'ignore'), theirs(pipes.stdout), theirs(pipes.stderr)],
      true,
    );
  } catch (error) {
    for (const pipe of [pipes.stdin, pipes.stdout, pipes.stderr]) if (pipe) fs.closeSync(pipe.ours);
    throw error;
  } finally {
    for (const pipe of [pipes.stdin, pipes.stdout, pipes.stderr]) if (pipe) fs.closeSync(pipe.theirs);
  }
  return childOnPipes(started, pipes, stdin);
}

/** The child that a started process is, on its pipes. Our ends of them are closed with it. Throws SpawnError. */
export function childOnPipes({ process: child, pid, exited }: SpawnedChild, pipes: Pipes, stdin: boolean): Child {
  const wired: ChildEnd[] = [];
  try {
    const stdout = readable(pipes.stdout, child.stdout, wired);
    const stderr = readable(pipes.stderr, child.stderr, wired);
    const input = stdin ? streamInput(writable(pipes.stdin, child, wired)) : null;
    return { pid, exited, stdout, stderr, stdin: input, resize: null };
  } catch (error) {
    // The process already runs; the receiver of `onStart` ends it.
    const ends = [child.stdin, child.stdout, child.stderr, ...wired.map(({ stream }) => stream)];
    for (const stream of ends) stream?.destroy();
    for (const pipe of [pipes.stdin, pipes.stdout, pipes.stderr]) {
      if (pipe && !wired.some(({ descriptor }) => descriptor === pipe.ours)) fs.closeSync(pipe.ours);
    }
    throw toSpawnError(error);
  }
}

/** A descriptor of the daemon that a stream owns and will close. */
interface ChildEnd {
  readonly descriptor: number;
  readonly stream: net.Socket;
}

/** null: Node creates its own connection. */
export interface Pipes {
  readonly stdin: PipeEnds | null;
  readonly stdout: PipeEnds | null;
  readonly stderr: PipeEnds | null;
}

/** Takes the pipes of one process, or none. Throws SpawnError. */
export async function takePipes(stdin: boolean, pool: PipePool): Promise<Pipes> {
  const taken: { -readonly [K in keyof Pipes]: Pipes[K] } = { stdin: null, stdout: null, stderr: null };
  try {
    taken.stdout = await pool.output();
    taken.stderr = await pool.output();
    if (stdin) taken.stdin = await pool.input();
    return taken;
  } catch (error) {
    for (const pipe of Object.values(taken)) if (pipe) [pipe.ours, pipe.theirs].forEach((end) => fs.closeSync(end));
    throw toSpawnError(error); // Usually out of descriptors.
  }
}

/** Without a pipe from the pool, Node creates its own connection. */
const theirs = (pipe: PipeEnds | null): number | 'pipe' => pipe?.theirs ?? 'pipe';

function readable(pipe: PipeEnds | null, own: Readable | null, wired: ChildEnd[]): ChildOutput {
  const stream = pipe ? take(pipe, { readable: true, writable: false }, wired) : own;
  if (!stream) throw fault('a child process was started with an output stream, and has none');
  return streamOutput(stream);
}

/** What a program writes into a stream, which is closed at its end. */
export function streamOutput(stream: Readable): ChildOutput {
  // ECONNRESET and similar: the output has ended. 'close' follows.
  stream.on('error', () => stream.destroy());
  return {
    read: (take) =>
      stream.on('data', (piece: Buffer) => {
        const wait = take(piece);
        if (!wait) return;
        stream.pause();
        void wait.then(() => stream.resume());
      }),
    ended: new Promise((resolve) => stream.once('close', resolve)),
    stop: () => stream.destroy(),
  };
}

function writable(pipe: PipeEnds | null, child: ProcessHandle, wired: ChildEnd[]): net.Socket {
  if (pipe) return take(pipe, { readable: false, writable: true }, wired);
  return child.stdin as net.Socket; // Node's 'pipe' is a socket.
}

function take({ ours }: PipeEnds, ways: { readable: boolean; writable: boolean }, wired: ChildEnd[]): net.Socket {
  const stream = new net.Socket({ fd: ours, ...ways });
  wired.push({ descriptor: ours, stream });
  return stream;
}

/** What a program reads from a stream. */
export function streamInput(stream: net.Socket): ChildInput {
  // EPIPE: the reader has closed its stdin. Further writes succeed and their data is dropped (docs/protocol/exec.md
  // §6).
  stream.on('error', () => stream.destroy());
  return {
    write: async (data) => {
      if (stream.destroyed) return;
      stream.write(data);
      if (stream.writableLength < INPUT_HIGH_WATER_BYTES) return;
      await new Promise<void>((resolve) => {
        stream.once('drain', resolve);
        stream.once('close', resolve);
      });
    },
    end: () => void stream.end(),
    destroy: () => void stream.destroy(),
  };
}
