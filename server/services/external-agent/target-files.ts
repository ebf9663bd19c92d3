/**
 * Writes what was imported.
 *
 * Threat: a repository of anybody, in which `.codex`, `.agents` or `AGENTS.md` is a link to a file of the user. The
 * daemon writes without a sandbox. Rule: folders are opened one below the other and files created in them, without
 * following a link at any of these names; a file that says something is never replaced. Scope: the folders below a
 * repository, below the Codex home, and `.agents` beside it. Non-scope: the path to them, which the user made.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { followAll, openFolder, openFolderBelow, type OpenedFolder } from '../../system/files/open-folder.js';

const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** Whether a file, or anything else, is there already and is not empty. */
export function isTaken(file: string): boolean {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  return stat !== undefined && !(stat.isFile() && stat.size === 0);
}

/**
 * Creates a file with its folders. `root`: an existing folder; it is made if it is missing. False: the name is taken.
 * Throws what the file system throws, also for a link.
 */
export function writeNew(root: string, parts: readonly string[], content: string | Uint8Array): boolean {
  const folder = folderBelow(root, parts.slice(0, -1));
  try {
    const file = folder.at(parts.at(-1) ?? '');
    const flags = O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
    // eslint-disable-next-line codexd/files-by-path -- below the descriptor of its folder
    const fd = fs.openSync(file, flags, 0o666);
    try {
      const stat = fs.fstatSync(fd);
      if (!stat.isFile() || stat.size > 0) return false;
      // eslint-disable-next-line codexd/files-by-path -- a descriptor
      fs.writeFileSync(fd, content);
      fs.fsyncSync(fd);
      return true;
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    folder.close();
  }
}

/** Folders that are missing are made. Must be closed. Throws for a link. */
export function folderBelow(root: string, names: readonly string[]): OpenedFolder {
  // eslint-disable-next-line codexd/files-by-path -- the user made the path to it
  fs.mkdirSync(root, { recursive: true });
  let folder = openFolder(root, followAll);
  for (const name of names) {
    try {
      const next = made(folder, name);
      folder.close();
      folder = next;
    } catch (error) {
      folder.close();
      throw error;
    }
  }
  return folder;
}

function made(folder: OpenedFolder, name: string): OpenedFolder {
  try {
    // eslint-disable-next-line codexd/files-by-path -- below the descriptor of its folder
    fs.mkdirSync(folder.at(name));
  } catch (error) {
    if (osCode(error) !== 'EEXIST') throw error;
  }
  return openFolderBelow(folder, name);
}

/** The parts of a target below the root of its scope, for `writeNew`. */
export const partsBelow = (root: string, target: string): readonly string[] =>
  path.relative(root, target).split(path.sep);
