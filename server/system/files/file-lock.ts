import { CodexdError } from '../../errors/codexd-error.js';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { osCode } from '../../errors/os-code.js';
import { writeNewForUser } from './private-files.js';
import { processExists, processStart } from '../linux/process-table.js';

/**
 * A lock file with the name of its owner: among all daemons of a Codex home one writes at a time.
 *
 * A lock is taken over if its owner is dead: the process is gone, or the lock is older than any write takes. The owner
 * calls `held` directly before its change becomes visible. So a daemon that was suspended during a takeover does not
 * overwrite the change of another daemon.
 */
export interface FileLock {
  /** Whether this lock still belongs to its owner. */
  held(): boolean;
  /** Idempotent, never throws. */
  release(): void;
}

/** The lock was not free in time. */
const lockTimeout = (path: string, owner: string): CodexdError =>
  new CodexdError(
    'config.locked',
    `another program has been writing the configuration for too long (${owner} holds ${path})`,
  );

/** How long a writer waits for its turn, ms; a write takes about one. */
const PATIENCE_MS = 15_000;
/** After this time, ms, a lock counts as abandoned although its owner seems to be alive. */
const ABANDONED_MS = 10_000;
/** Between two tries, ms. */
const RETRY_MS = 3;

export async function lockFile(path: string): Promise<FileLock> {
  const token = `${process.pid} ${processStart(process.pid) ?? '-'} ${os.hostname()} ${randomUUID()}`;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (create(path, token)) return lockOf(path, token);
    const owner = read(path);
    if (owner !== null && abandoned(path, owner)) takeAway(path, owner);
    else if (Date.now() > deadline) throw lockTimeout(path, owner ?? 'unknown');
    else await sleep(RETRY_MS + Math.random() * RETRY_MS);
  }
}

function lockOf(path: string, token: string): FileLock {
  return {
    held: () => read(path) === token,
    release() {
      if (read(path) !== token) return;
      fs.rmSync(path, { force: true });
    },
  };
}

/** The lock is written under another name and then linked, so it always contains its owner. */
function create(path: string, token: string): boolean {
  const own = `${path}.${randomUUID()}`;
  try {
    writeNewForUser(own, token);
    fs.linkSync(own, path);
    return true;
  } catch (error) {
    if (osCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function read(path: string): string | null {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return null; // Released in the meantime.
  }
}

function abandoned(path: string, owner: string): boolean {
  const [pid = '', start = '', host = ''] = owner.split(' ');
  if (host === os.hostname() && /^\d+$/.test(pid)) {
    if (!processExists(Number(pid))) return true;
    if (start !== '-' && processStart(Number(pid)) !== start) return true;
  }
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > ABANDONED_MS;
}

/** Moves the abandoned lock aside; if another one was moved by mistake, it is put back. */
function takeAway(path: string, owner: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    fs.renameSync(path, aside);
    if (read(aside) !== owner) fs.linkSync(aside, path);
  } catch {
    // Another process was faster: the next try reads the new state.
  } finally {
    fs.rmSync(aside, { force: true });
  }
}
