/**
 * Works on what is in a folder, also while another program exchanges the folder.
 *
 * Threat: while a tree is copied or removed, another program puts a link in the place of a folder in it. Then files
 * elsewhere are overwritten or removed.
 * Rule: on Linux a folder is opened once, and its entries are reached through the descriptor. Below the folder that the
 * client named, no link is followed. So trees with paths that are longer than the system allows work, too.
 * Scope: names are bytes. Non-scope: elsewhere, folders are looked at and used by their paths.
 */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { descriptorPath } from '../system/files/open-file.js';
import { nativePath } from '../system/files/path-bytes.js';

const ON_LINUX = process.platform === 'linux';
const FOLDER = fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0);
/** 0 on Windows, which has no such flag. */
export const NO_LINK = fs.constants.O_NOFOLLOW ?? 0;

export interface InsideFolder {
  /** A path to the folder: an entry is behind a separator. */
  readonly inside: string;
  /** The same for all names of the folder. */
  readonly id: string;
}

/**
 * Opens a folder, uses and closes it. `links`: the last name of `folder` may be a link. Throws what the file system
 * throws: ENOTDIR or ELOOP for a link that is not followed.
 */
export async function insideFolder<T>(
  folder: string,
  links: 'followed' | 'refused',
  use: (opened: InsideFolder) => Promise<T>,
): Promise<T> {
  if (!ON_LINUX) return use({ inside: folder, id: idOf(await fs.promises.stat(nativePath(folder), { bigint: true })) });
  let handle: FileHandle | undefined;
  try {
    handle = await fs.promises.open(nativePath(folder), FOLDER | (links === 'refused' ? NO_LINK : 0));
    return await use({ inside: descriptorPath(handle.fd), id: idOf(await handle.stat({ bigint: true })) });
  } finally {
    await handle?.close();
  }
}

const idOf = ({ dev, ino }: fs.BigIntStats): string => `${dev}:${ino}`;
