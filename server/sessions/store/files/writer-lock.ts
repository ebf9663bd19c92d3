/**
 * The lock of a thread's writer (docs/protocol/threads.md §12.5): a flock(2), on Windows a LockFileEx, on
 * `thread-writer-locks/<ID>.lock`. The process holds it while the thread is loaded, as the official program does.
 *
 * A flock on `.coordination.lock` guards taking and releasing. The holder removes the lock file when it releases the
 * lock. Without the guard another process could lock the file that is being removed, and no other process would see
 * that lock.
 *
 * Scope: processes that flock. Non-scope: programs that append without a lock (0.130 does).
 */
import { type CodexdError } from '../../../errors/codexd-error.js';
import { storeError } from '../records/thread-store.js';
import fs from 'node:fs';
import path from 'node:path';
import {
  GUARD_TIMEOUT_S,
  LOCK_RESULTS,
  lockDescriptors,
  type FindProgram,
} from '../../../system/files/lock-descriptors.js';
import type { ThreadId } from '../records/thread-id.js';
import { makeFolderForUser, openForUser } from '../../../system/files/private-files.js';
import { statIfThere } from '../../../system/files/look.js';

export interface WriterLock {
  /** Removes the lock file and releases the lock. */
  release(): Promise<void>;
}

export interface WriterLocks {
  /**
   * Throws `thread.locked` if this process or another one holds the lock, and an Error if the system has no program for
   * locking.
   */
  take(id: ThreadId): Promise<WriterLock>;
}

/** `find`: a parameter for tests; by default the programs of the system. */
export function createWriterLocks(codexHome: string, find?: FindProgram): WriterLocks {
  const folder = path.join(codexHome, 'thread-writer-locks');
  /** The locks that this process holds or is taking. A second open of the same thread is refused without a child. */
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
/** Windows locks no file that was opened for appending alone. */
const LOCKABLE = 'a+';

async function lockFile(folder: string, id: ThreadId, find?: FindProgram): Promise<number> {
  makeFolderForUser(folder);
  const file = path.join(folder, `${id}.lock`);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const fd = await tryLock(folder, file, id, find);
    // The file was opened before the guard was locked. If the file was removed in between, a lock on it has no effect.
    if (isSame(file, fd)) return fd;
    fs.closeSync(fd);
  }
  throw locked(id);
}

/** An attempt fails only if another process releases the lock at the same moment. */
const MAX_ATTEMPTS = 5;

async function tryLock(folder: string, file: string, id: ThreadId, find?: FindProgram): Promise<number> {
  const guard = openForUser(path.join(folder, COORDINATION), LOCKABLE);
  let fd: number;
  try {
    fd = openForUser(file, LOCKABLE);
  } catch (error) {
    fs.closeSync(guard);
    throw error;
  }
  try {
    const code = await lockDescriptors([guard, fd], find);
    if (code === 0) return fd;
    throw code === LOCK_RESULTS.busy
      ? locked(id)
      : new Error(`the lock of thread ${id} cannot be taken: ${failure(code, folder)}`);
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

async function release(folder: string, id: ThreadId, fd: number, find?: FindProgram): Promise<void> {
  const file = path.join(folder, `${id}.lock`);
  let guard: number | null = null;
  try {
    guard = openForUser(path.join(folder, COORDINATION), LOCKABLE);
    // If the guard cannot be locked, the file stays: a file that nobody has locked does no harm.
    if ((await lockDescriptors([guard], find)) === 0 && isSame(file, fd)) fs.rmSync(file, { force: true });
  } finally {
    // Closing the file releases the lock, also if the guard cannot be opened.
    fs.closeSync(fd);
    if (guard !== null) fs.closeSync(guard);
  }
}

function failure(code: number, folder: string): string {
  if (code === LOCK_RESULTS.guardBusy)
    return `another process has held ${path.join(folder, COORDINATION)} for ${GUARD_TIMEOUT_S} seconds`;
  if (code === LOCK_RESULTS.noProgram)
    return 'there is no program to lock files with: install `flock` (package util-linux) or `perl` in a system folder that only root can change';
  return `locking it failed with ${code}`;
}
