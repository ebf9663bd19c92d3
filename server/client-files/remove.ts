/**
 * Removes a file, or a folder with all that is in it. Nothing outside of the folder is removed, also while another
 * program exchanges folders in it (inside-folder.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { listFolderAsync, nativePath } from '../system/files/path-bytes.js';
import { insideFolder, type InsideFolder } from './inside-folder.js';

export interface RemoveOptions {
  readonly recursive: boolean;
  /** A missing file is no error. */
  readonly force: boolean;
}

/** Links are removed, never their targets. Throws what the file system throws, or RpcError. */
export async function remove(place: string, { recursive, force }: RemoveOptions): Promise<void> {
  if (place === path.parse(place).root) throw invalidRequest(`fs/remove does not remove \`${place}\``);
  try {
    const stat = await fs.promises.lstat(place);
    if (!stat.isDirectory()) await fs.promises.unlink(place);
    else if (recursive) await removeFolder(place);
    else await fs.promises.rmdir(place);
  } catch (error) {
    if (force && osCode(error) === 'ENOENT') return;
    throw error;
  }
}

const AT_ONCE = 32;
/** Another program that writes into the folder at the same time is given way this often. */
const MOST_TRIES = 4;

async function removeFolder(folder: string): Promise<void> {
  for (let left = MOST_TRIES; ; left--) {
    await insideFolder(folder, 'refused', removeEntries);
    try {
      return await fs.promises.rmdir(nativePath(folder));
    } catch (error) {
      if (osCode(error) !== 'ENOTEMPTY' || left === 0) throw error;
    }
  }
}

async function removeEntries({ inside }: InsideFolder): Promise<void> {
  const entries = await listFolderAsync(inside);
  const folders: string[] = [];
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    await Promise.all(
      entries.slice(at, at + AT_ONCE).map(async ({ name, kind }) => {
        const entry = `${inside}${path.sep}${name}`;
        if (kind === 'folder' || !(await isUnlinked(entry))) folders.push(entry);
      }),
    );
  }
  for (const folder of folders) await removeInTurns(folder);
}

/** A folder that another program may exchange for a link, and back, at any time. */
async function removeInTurns(folder: string): Promise<void> {
  for (let left = MOST_TRIES; left > 0; left--)
    if ((await isFolderRemoved(folder)) || (await isUnlinked(folder))) return;
  // The error says what it is now.
  await isGone(fs.promises.rmdir(nativePath(folder)));
}

/** False: it is a folder. Gone meanwhile is gone. EPERM: the same on macOS, and for what must stay. */
const isUnlinked = (file: string): Promise<boolean> => isGone(fs.promises.unlink(nativePath(file)), 'EISDIR');
/** False: it is no folder. */
const isFolderRemoved = (folder: string): Promise<boolean> => isGone(removeFolder(folder), 'ENOTDIR', 'ELOOP');

function isGone(removal: Promise<void>, ...otherKind: readonly string[]): Promise<boolean> {
  return removal.then(
    () => true,
    (error: unknown) => {
      const code = osCode(error) ?? '';
      if (otherKind.includes(code)) return false;
      if (code === 'ENOENT') return true;
      throw error;
    },
  );
}
