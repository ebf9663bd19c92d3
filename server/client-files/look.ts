/** What a client reads about files without opening them. */
import fs from 'node:fs';
import path from 'node:path';
import type { RequestResult } from '../../schema/registry.js';
import { encodePath, listFolderAsync, nativePath, type FolderEntry } from '../system/files/path-bytes.js';

/** The kind is that of a link's target; a link without a target is an error. Throws what the file system throws. */
export async function metadataOf(place: string): Promise<RequestResult<'fs/getMetadata'>> {
  const stat = await fs.promises.stat(place);
  const named = await fs.promises.lstat(place);
  return {
    isDirectory: stat.isDirectory(),
    isFile: stat.isFile(),
    isSymlink: named.isSymbolicLink(),
    createdAtMs: Math.floor(stat.birthtimeMs),
    modifiedAtMs: Math.floor(stat.mtimeMs),
  };
}

type Entry = RequestResult<'fs/readDirectory'>['entries'][number];

/** Entries that lead nowhere are left out. Throws what the file system throws for the folder itself. */
export async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const listed = await listFolderAsync(folder);
  const entries: (Entry | null)[] = [];
  for (let at = 0; at < listed.length; at += AT_ONCE)
    entries.push(...(await Promise.all(listed.slice(at, at + AT_ONCE).map((entry) => entryOf(folder, entry)))));
  return entries.filter((entry) => entry !== null);
}

const AT_ONCE = 64;

async function entryOf(folder: string, { name, kind }: FolderEntry): Promise<Entry | null> {
  // In a name that is not UTF-8, U+FFFD stands for the bytes that no text has.
  const fileName = encodePath(name).toString();
  if (kind === 'folder') return { fileName, isDirectory: true, isFile: false };
  try {
    const stat = await fs.promises.stat(nativePath(path.join(folder, name)));
    return { fileName, isDirectory: stat.isDirectory(), isFile: stat.isFile() };
  } catch {
    return null;
  }
}
