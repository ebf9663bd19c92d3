/** Locks of open files on Windows: LockFileEx, which the official program uses as well, so both see each other's. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_LOCK_VIOLATION, ERROR_SUCCESS, win32 } from './win32.js';

/** Between two tries, ms. */
const RETRY_MS = 5;

/**
 * Locks a descriptor of this process until it is closed, also by the process's end. False: another handle has had the
 * lock for `patienceMs` (0: does not wait); the number of Windows' error for any other reason.
 */
export async function lockFile(descriptor: number, patienceMs: number): Promise<boolean | number> {
  const calls = win32();
  const until = Date.now() + patienceMs;
  for (;;) {
    const code = calls.lockFile(calls.handleOf(descriptor));
    if (code === ERROR_SUCCESS) return true;
    if (code !== ERROR_LOCK_VIOLATION) return code;
    if (Date.now() >= until) return false;
    await sleep(RETRY_MS);
  }
}
