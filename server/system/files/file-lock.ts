import { CodexdError } from '../../errors/codexd-error.js';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { processExists, processStart } from '../programs/process-table.js';

/**
 * One writer at a time among all daemons of a Codex home: a lock file that names its owner.
 *
 * A lock whose owner died is taken over: the process is gone, or the file is older than any write takes. Whoever holds
 * the lock asks `held` right before the change becomes visible, so that a daemon that slept through a takeover does not
 * write on top of another's change.
 */
export interface FileLock {
  /** Whether the lock is still ours. */
  held(): boolean;
  /** Idempotent, never throws. */
  release(): void;
}

/** The lock could not be had in time. */
const lockTimeout = (path: string, owner: string): CodexdError =>
  new CodexdError(
    'config.locked',
    `another program has been writing the configuration for too long (${owner} holds ${path})`,
  );

/** How long a writer waits for its turn, ms; a write takes about one. */
const PATIENCE_MS = 15_000;
/** After this, ms, a lock is taken for abandoned although its owner seems to live. */
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

/** Written under another name and linked into place: nobody ever reads a lock without its owner in it. */
function create(path: string, token: string): boolean {
  const own = `${path}.${randomUUID()}`;
  try {
    fs.writeFileSync(own, token, { mode: 0o600, flag: 'wx' });
    fs.linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
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
    // Somebody else was faster: the next try sees what is there now.
  } finally {
    fs.rmSync(aside, { force: true });
  }
}
