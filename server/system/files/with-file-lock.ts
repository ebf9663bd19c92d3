/**
 * Short-lived locks on files that the official program locks, too (docs/protocol/threads.md §12.1,
 * docs/protocol/services.md §7). The kernel releases them when this process ends, however it ends.
 */
import fs from 'node:fs';
import { CodexdError } from '../../errors/codexd-error.js';
import { lockDescriptors } from './lock-descriptors.js';
import { openForUser } from './private-files.js';

/**
 * Holds the flock of `lockFile` while `work` runs. Throws `machine.contended` if another holder has it for ten seconds.
 */
export async function withFileLock<T>(lockFile: string, work: () => T | Promise<T>): Promise<T> {
  // For reading as well: Windows locks no file that was opened for appending alone.
  const fd = openForUser(lockFile, 'a+');
  try {
    const code = await lockDescriptors([fd]);
    if (code !== 0)
      throw new CodexdError(
        'machine.contended',
        `${lockFile} could not be locked (${code}): another process holds it, or there is neither flock nor perl on PATH`,
      );
    return await work();
  } finally {
    fs.closeSync(fd);
  }
}
