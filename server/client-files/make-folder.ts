import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';

/**
 * Makes a folder and the missing ones above it. An existing folder is fine, also through a link. Returns whether it is
 * new. Throws what the file system throws: EEXIST for a file and for a link without a target.
 */
export async function makeFolders(folder: string): Promise<boolean> {
  try {
    await fs.promises.mkdir(folder);
    return true;
  } catch (error) {
    const above = path.dirname(folder);
    if (osCode(error) === 'ENOENT' && above !== folder) {
      await makeFolders(above);
      return makeLast(folder);
    }
    if (await isFolder(folder)) return false;
    throw error;
  }
}

/** Another program may have made it meanwhile. */
async function makeLast(folder: string): Promise<boolean> {
  try {
    await fs.promises.mkdir(folder);
    return true;
  } catch (error) {
    if (osCode(error) === 'EEXIST' && (await isFolder(folder))) return false;
    throw error;
  }
}

export const isFolder = (place: fs.PathLike): Promise<boolean> =>
  fs.promises.stat(place).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
