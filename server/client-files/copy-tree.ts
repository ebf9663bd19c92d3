/**
 * Copies all that is in a folder into another one.
 *
 * Threat: another program exchanges folders of either tree for links meanwhile; or a link in the target leads to files
 * that the client did not name.
 * Rule: both folders are opened, and all below is reached through descriptors without following links
 * (inside-folder.ts). A link in the place of something that is copied is refused with EEXIST. Scope: Linux; elsewhere
 * links are looked at before they are used.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isNodeError, osCode } from '../errors/os-code.js';
import { invalidRequest, type RpcError } from '../errors/rpc-error.js';
import { listFolderAsync, nativePath, type FolderEntry } from '../system/files/path-bytes.js';
import type { KeyedTurns } from '../system/node/keyed-turns.js';
import { copyFile } from './copy-file.js';
import { insideFolder, type InsideFolder } from './inside-folder.js';

interface Tree {
  readonly writers: KeyedTurns;
  /** The id of the folder that everything is copied to. */
  readonly targetId: string;
}

export const intoItself = (): RpcError =>
  invalidRequest('fs/copy cannot copy a directory to itself or one of its descendants');

/** Both folders exist. Throws what the file system throws, or RpcError. What was copied before stays. */
export const copyTree = (source: string, target: string, writers: KeyedTurns): Promise<void> =>
  insideFolder(target, 'followed', (to) =>
    insideFolder(source, 'refused', (from) => copyEntries(from, to, { writers, targetId: to.id })),
  );

async function copyEntries(from: InsideFolder, to: InsideFolder, tree: Tree): Promise<void> {
  // The target came into the source after both were compared: the copy would not end.
  if (from.id === tree.targetId) throw intoItself();
  // The list is whole before the first entry is copied: what the copy itself makes is not copied again.
  for (const entry of await listFolderAsync(from.inside)) await copyEntry(entry, from, to, tree);
}

async function copyEntry({ name, kind }: FolderEntry, from: InsideFolder, to: InsideFolder, tree: Tree): Promise<void> {
  const [source, target] = [`${from.inside}${path.sep}${name}`, `${to.inside}${path.sep}${name}`];
  if (kind === 'link') return copyLink(source, target);
  if (kind === 'other') return copyFile(source, target, { writers: tree.writers, inTree: true });
  await insideFolder(source, 'refused', (below) => insideNewFolder(target, (made) => copyEntries(below, made, tree)));
}

/** Makes the folder, or takes one that is there. */
async function insideNewFolder(folder: string, use: (opened: InsideFolder) => Promise<void>): Promise<void> {
  let exists: Error | null = null;
  try {
    await fs.promises.mkdir(nativePath(folder));
  } catch (error) {
    if (!isNodeError(error) || error.code !== 'EEXIST') throw error;
    exists = error;
    if (!(await fs.promises.lstat(nativePath(folder))).isDirectory()) throw error;
  }
  let isOpen = false;
  try {
    await insideFolder(folder, 'refused', (opened) => {
      isOpen = true;
      return use(opened);
    });
  } catch (error) {
    // Exchanged since: it is still something that exists.
    if (!isOpen && exists !== null && (osCode(error) === 'ENOTDIR' || osCode(error) === 'ELOOP')) throw exists;
    throw error;
  }
}

/** The text of the link does not change. Throws what the file system throws: EEXIST, whatever is at `target`. */
export async function copyLink(source: string, target: string): Promise<void> {
  const text = await fs.promises.readlink(nativePath(source), 'buffer');
  await fs.promises.symlink(text, nativePath(target));
}
