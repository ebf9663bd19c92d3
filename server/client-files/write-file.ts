import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { syncFolder } from '../system/files/sync.js';
import type { KeyedTurns } from '../system/node/keyed-turns.js';
import { openForClient, withOpened, type OpenedForClient } from './open-regular.js';
import { overwrite, type Content } from './overwrite.js';

/**
 * Creates a file or gives an existing one another content. Links are followed, also to a target that is missing. When
 * it returns, the file and a new name of it are on the disk. Throws what the file system throws.
 */
export async function writeFile(file: string, content: Content, writers: KeyedTurns): Promise<void> {
  const { opened, isNew } = await openToWrite(file);
  await withOpened(opened, () => writers.run([opened.id], () => overwriteNow(opened, content)));
  if (isNew) await syncFolder(path.dirname(await fs.promises.realpath(file)));
}

/** The size is that of now: an earlier writer may have changed it since the file was opened. */
export async function overwriteNow(opened: OpenedForClient, content: Content): Promise<void> {
  await overwrite({ ...opened, stat: await opened.handle.stat({ bigint: true }) }, content);
}

/**
 * Never truncates: `overwrite` decides what becomes of the old content. `mode`: of a new file, with the umask. `flags`:
 * further ones of open(2).
 */
export async function openToWrite(
  file: fs.PathLike,
  mode = 0o666,
  flags = 0,
): Promise<{ readonly opened: OpenedForClient; readonly isNew: boolean }> {
  try {
    return { opened: await openForClient(file, fs.constants.O_WRONLY | flags), isNew: false };
  } catch (error) {
    if (osCode(error) !== 'ENOENT') throw error;
    return {
      opened: await openForClient(file, fs.constants.O_WRONLY | fs.constants.O_CREAT | flags, mode),
      isNew: true,
    };
  }
}
