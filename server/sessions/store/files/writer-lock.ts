/**
 * Who may append to a thread (docs/protocol/threads.md §12.5): a flock(2) on `thread-writer-locks/<ID>.lock`, held
 * while the thread is loaded, as the official program does it.
 *
 * Node cannot flock, so a child does it on a descriptor that it inherits from us: the lock belongs to the open file,
 * which is ours, and stays when the child has exited. Nobody else inherits that file (Node opens with O_CLOEXEC).
 *
 * Taking and giving back are guarded by a flock on `.coordination.lock`: whoever gives a lock back removes its file,
 * and without the guard another one could lock the file that is being removed, and hold a lock that nobody sees.
 *
 * Scope: processes that flock. Non-scope: programs that append without asking (0.130 does).
 */
import { type CodexdError } from '../../../errors/codexd-error.js';
import { storeError } from '../records/thread-store.js';
import fs from 'node:fs';
import path from 'node:path';
import { startProgram } from '../../../system/programs/start-program.js';
import { systemProgram, systemProgramIfAny, type TrustedProgram } from '../../../system/programs/system-program.js';
import type { ThreadId } from '../records/thread-id.js';
import { statIfThere } from '../../../system/files/look.js';

export interface WriterLock {
  /** Removes the file and gives the lock back. */
  release(): Promise<void>;
}

export interface WriterLocks {
  /**
   * Throws `thread.locked` when this or another process holds it, and an Error when there is nothing to lock
   * with.
   */
  take(id: ThreadId): Promise<WriterLock>;
}

/** Finds a program to lock with; null: this system has none of that name. */
type FindProgram = (name: 'flock' | 'perl') => TrustedProgram | null;

/** `find`: for the tests, what the system has. */
export function createWriterLocks(codexHome: string, find: FindProgram = systemProgramIfAny): WriterLocks {
  const folder = path.join(codexHome, 'thread-writer-locks');
  /** What this process holds or is about to: a second open of the same thread is refused without a child. */
  const held = new Set<ThreadId>();
  return {
    async take(id) {
      if (held.has(id)) throw locked(id);
      held.add(id);
      try {
        const fd = await lockFile(folder, id, find);
        return { release: () => release(folder, id, fd, find).finally(() => held.delete(id)) };
      } catch (error) {
        held.delete(id);
        throw error;
      }
    },
  };
}

export const locked = (id: ThreadId): CodexdError =>
  storeError('thread.locked', `thread ${id} already has an active writer`);

const COORDINATION = '.coordination.lock';
/** How long somebody else may be at taking or giving back a lock, in seconds; it takes them a millisecond. */
const COORDINATION_TIMEOUT_S = 10;
/** Exit codes of the child, apart from those of a shell. */
const COORDINATION_BUSY = 75;
const BUSY = 76;
const MODE = 0o600;
const FOLDER_MODE = 0o700;

async function lockFile(folder: string, id: ThreadId, find: FindProgram): Promise<number> {
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const file = path.join(folder, `${id}.lock`);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const fd = await tryLock(folder, file, id, find);
    // The file was opened before the guard was held: what was removed in between is no lock.
    if (isSame(file, fd)) return fd;
    fs.closeSync(fd);
  }
  throw locked(id);
}

/** Each attempt fails only when somebody gives the lock back in the same moment. */
const MAX_ATTEMPTS = 5;

async function tryLock(folder: string, file: string, id: ThreadId, find: FindProgram): Promise<number> {
  const guard = fs.openSync(path.join(folder, COORDINATION), 'a', MODE);
  let fd: number;
  try {
    fd = fs.openSync(file, 'a', MODE);
  } catch (error) {
    fs.closeSync(guard);
    throw error;
  }
  try {
    const code = await flock([guard, fd], find);
    if (code === 0) return fd;
    throw code === BUSY ? locked(id) : new Error(`the lock of thread ${id} cannot be taken: ${failure(code, folder)}`);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  } finally {
    fs.closeSync(guard);
  }
}

function isSame(file: string, fd: number): boolean {
  const named = statIfThere(file);
  const { dev, ino } = fs.fstatSync(fd);
  return named !== undefined && named.dev === dev && named.ino === ino;
}

async function release(folder: string, id: ThreadId, fd: number, find: FindProgram): Promise<void> {
  const file = path.join(folder, `${id}.lock`);
  let guard: number | null = null;
  try {
    guard = fs.openSync(path.join(folder, COORDINATION), 'a', MODE);
    // Left lying when the guard is not to be had: a file that nobody holds does no harm.
    if ((await flock([guard], find)) === 0 && isSame(file, fd)) fs.rmSync(file, { force: true });
  } finally {
    // Closing is what gives the lock back: also when the guard cannot be opened.
    fs.closeSync(fd);
    if (guard !== null) fs.closeSync(guard);
  }
}

/** Locks the guard, waiting for it, and then the file, without waiting. The child's exit code. */
export async function flock(descriptors: readonly number[], find: FindProgram = systemProgramIfAny): Promise<number> {
  const locker = find('flock');
  if (locker !== null) return run(systemProgram('sh'), shellWords(locker, descriptors.length), descriptors);
  const perl = find('perl');
  return perl === null ? NOT_FOUND : run(perl, perlWords(descriptors.length), descriptors);
}

const NOT_FOUND = 127;

/** util-linux everywhere on Linux. The descriptors are 3 and 4 in the child. */
const shellWords = (locker: string, count: number): string[] => [
  '-c',
  `"$1" -w ${COORDINATION_TIMEOUT_S} 3 || exit ${COORDINATION_BUSY}` + (count > 1 ? `; "$1" -n 4 || exit ${BUSY}` : ''),
  'codexd-writer-lock',
  locker,
];

/** Where there is none (macOS). */
const perlWords = (count: number): string[] => [
  '-e',
  `alarm ${COORDINATION_TIMEOUT_S}; open(G, ">>&=", 3) && flock(G, 2) or exit ${COORDINATION_BUSY};` +
    (count > 1 ? `open(F, ">>&=", 4) && flock(F, 6) or exit ${BUSY};` : ''),
];

function run(program: TrustedProgram, args: string[], descriptors: readonly number[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = startProgram(program, args, { stdio: ['ignore', 'ignore', 'ignore', ...descriptors] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? COORDINATION_BUSY));
  });
}

function failure(code: number, folder: string): string {
  if (code === COORDINATION_BUSY)
    return `another process has held ${path.join(folder, COORDINATION)} for ${COORDINATION_TIMEOUT_S} seconds`;
  if (code === NOT_FOUND)
    return 'there is no program to lock files with: install `flock` (package util-linux) or `perl` in a system folder that only root can change';
  return `the locking program exited with ${code}`;
}
