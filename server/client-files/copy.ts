/**
 * `fs/copy`: files, links and folders with all that is in them.
 *
 * A file is never copied onto itself, by whatever names, and a folder never onto or into itself: the copy would destroy
 * what it reads, or would not end. When the answer comes, a file is on the disk. A tree is with the system, as after
 * `cp -R`: it survives the end of the daemon, and a loss of power as soon as the system has written it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { liesBelow } from '../system/files/open-file.js';
import type { KeyedTurns } from '../system/node/keyed-turns.js';
import { copyFile } from './copy-file.js';
import { copyLink, copyTree, intoItself } from './copy-tree.js';
import { makeFolders } from './make-folder.js';

/** Throws what the file system throws, or RpcError. What was copied before stays. */
export async function copy(source: string, target: string, recursive: boolean, writers: KeyedTurns): Promise<void> {
  const stat = await fs.promises.lstat(source);
  if (stat.isDirectory()) {
    if (!recursive) throw invalidRequest('fs/copy requires recursive: true when sourcePath is a directory');
    if (await leadsInto(target, source)) throw intoItself();
    await makeFolders(target);
    return copyTree(source, target, writers);
  }
  if (stat.isSymbolicLink()) return copyLink(source, target);
  if (!stat.isFile()) throw invalidRequest('fs/copy only supports regular files, directories, and symlinks');
  await copyFile(source, target, { writers, inTree: false });
}

/** Whether `target`, which may be missing, is `source` or will be below it. By the files, not by their names. */
async function leadsInto(target: string, source: string): Promise<boolean> {
  const real = await fs.promises.realpath(source);
  return liesBelow(await deepestFolder(target), real);
}

/** The real path of the deepest thing of a path that exists. A link without a target leads to what it names. */
async function deepestFolder(place: string): Promise<string> {
  for (let at = place; ; at = path.dirname(at)) {
    try {
      return await fs.promises.realpath(at);
    } catch (error) {
      if (at === path.dirname(at)) throw error;
      if (osCode(error) !== 'ENOENT' && osCode(error) !== 'ENOTDIR') throw error;
    }
  }
}
