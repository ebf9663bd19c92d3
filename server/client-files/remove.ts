/**
 * Removes a file, or a folder with all that is in it.
 *
 * Threat: while a tree is removed, another program puts a link in the place of a folder in it, and files elsewhere are
 * removed.
 * Rule: on Linux each folder is opened without following a link, and what is in it is removed through the descriptor.
 * So trees with paths that are longer than the system allows are removed, too.
 * Scope: names are bytes. Non-scope: elsewhere, folders are looked at and used by their paths.
 */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { descriptorPath } from '../system/files/open-file.js';
import { listFolderAsync, nativePath } from '../system/files/path-bytes.js';

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

const ON_LINUX = process.platform === 'linux';
const FOLDER = fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0) | (fs.constants.O_NOFOLLOW ?? 0);
const AT_ONCE = 32;
/** Another program that writes into the folder at the same time is given way this often. */
const MOST_TRIES = 4;

async function removeFolder(folder: string): Promise<void> {
  for (let left = MOST_TRIES; ; left--) {
    await withFolder(folder, removeEntries);
    try {
      return await fs.promises.rmdir(nativePath(folder));
    } catch (error) {
      if (osCode(error) !== 'ENOTEMPTY' || left === 0) throw error;
    }
  }
}

/** `inside`: a path to the opened folder. */
async function withFolder(folder: string, use: (inside: string) => Promise<void>): Promise<void> {
  if (!ON_LINUX) return use(folder);
  let handle: FileHandle | undefined;
  try {
    handle = await fs.promises.open(nativePath(folder), FOLDER);
    await use(descriptorPath(handle.fd));
  } finally {
    await handle?.close();
  }
}

async function removeEntries(inside: string): Promise<void> {
  const entries = await listFolderAsync(inside);
  const folders: string[] = [];
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    await Promise.all(
      entries.slice(at, at + AT_ONCE).map(async ({ name, kind }) => {
        const entry = `${inside}${path.sep}${name}`;
        if (kind === 'folder') folders.push(entry);
        else await unlinkIfThere(entry);
      }),
    );
  }
  for (const folder of folders) await removeIfThere(folder);
}

/** Gone meanwhile is gone. */
const unlinkIfThere = (file: string): Promise<void> => fs.promises.unlink(nativePath(file)).catch(ignoreMissing);
const removeIfThere = (folder: string): Promise<void> => removeFolder(folder).catch(ignoreMissing);
function ignoreMissing(error: unknown): void {
  if (osCode(error) !== 'ENOENT') throw error;
}
