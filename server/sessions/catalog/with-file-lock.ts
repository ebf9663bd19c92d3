/** Short-lived locks on files that the official program locks, too (docs/protocol/threads.md §12.1). */
import fs from 'node:fs';
import { CodexdError } from '../../errors/codexd-error.js';
import { flock } from '../store/files/writer-lock.js';

/** Holds the flock of `lockFile` while `work` runs. Throws if another process holds it for ten seconds. */
export async function withFileLock(lockFile: string, work: () => void): Promise<void> {
  const fd = fs.openSync(lockFile, 'a', 0o600);
  try {
    const code = await flock([fd]);
    if (code !== 0)
      throw new CodexdError(
        'machine.contended',
        `${lockFile} could not be locked (${code}): another process holds it, or there is neither flock nor perl on PATH`,
      );
    work();
  } finally {
    fs.closeSync(fd);
  }
}
