/** Short-lived locks on files that the official program locks, too (docs/protocol/threads.md §12.1). */
import fs from 'node:fs';
import { CodexdError } from '../../errors/codexd-error.js';
import { lockDescriptors } from '../../system/files/lock-descriptors.js';

/** Holds the flock of `lockFile` while `work` runs. Throws if another process holds it for ten seconds. */
export async function withFileLock(lockFile: string, work: () => void): Promise<void> {
  // For reading as well: Windows locks no file that was opened for appending alone.
  const fd = fs.openSync(lockFile, 'a+', 0o600);
  try {
    const code = await lockDescriptors([fd]);
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
