/** Locks of open files on macOS: flock(2), so they and those of the programs flock(1) and perl see each other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { libsystem, type Libsystem } from './libsystem.js';

/** Between two tries, ms. */
const RETRY_MS = 5;
/** EWOULDBLOCK (sys/errno.h of macOS). */
const BUSY = 35;

/**
 * Locks a descriptor of this process until it is closed, also by the process's end. False: another open file has had
 * the lock for `patienceMs` (0: does not wait); the number of the error for any other reason.
 */
export async function lockFile(
  descriptor: number,
  patienceMs: number,
  { lock }: Pick<Libsystem, 'lock'> = libsystem(),
): Promise<boolean | number> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const code = lock(descriptor);
    if (code === 0) return true;
    if (code !== BUSY) return code;
    if (Date.now() >= until) return false;
    await sleep(RETRY_MS);
  }
}
