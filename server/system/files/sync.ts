/** Puts what was written by name on the disk. */
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';

const ON_WINDOWS = process.platform === 'win32';

/** Puts the names in a folder on the disk. Does nothing where folders cannot be opened (Windows). */
export async function syncFolder(folder: fs.PathLike): Promise<void> {
  if (ON_WINDOWS) return;
  const handle = await fs.promises.open(folder, fs.constants.O_RDONLY).catch(ignoreClosed);
  try {
    await handle?.sync().catch(ignoreClosed);
  } finally {
    await handle?.close();
  }
}

/** A folder without read permission, and file systems without fsync for folders. */
const NO_SYNC: ReadonlySet<string | undefined> = new Set(['EACCES', 'EINVAL', 'ENOTSUP', 'EPERM']);
function ignoreClosed(error: unknown): undefined {
  if (NO_SYNC.has(osCode(error))) return undefined;
  throw error;
}
