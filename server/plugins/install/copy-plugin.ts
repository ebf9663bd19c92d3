/**
 * Copies the files of a plugin into a new folder.
 *
 * Threat: a plugin of anybody: links to secrets or out of the folder, devices, pipes, huge files, endless trees, files
 * that change meanwhile, programs that run at the copy.
 * Rule: only regular files and folders are copied, and nothing runs. Links and other kinds are left out, as in the
 * official program. Each file is opened without following links and read through its descriptor, and it must lie where
 * it was found. Numbers, sizes and depth have limits; beyond them nothing is installed. Of the modes, only the owner's
 * right to run a file is kept. Scope: every source of a plugin. Non-scope: what the files say.
 */
import fs from 'node:fs';
import path from 'node:path';
import { invalidRequest } from '../../errors/rpc-error.js';
import { FileRefused, openFile, readWholeLater } from '../../system/files/open-file.js';
import { listFolderAsync, nativePath } from '../../system/files/path-bytes.js';
import { realPath } from '../../system/files/paths.js';
import { syncFolder } from '../../system/files/sync.js';
import { MAX_ENTRIES, MAX_PLUGIN_BYTES } from '../content-hash.js';

const MAX_DEPTH = 32;

/**
 * `to` must not exist; it and all in it are on the disk afterwards. Throws RpcError, and what the file system throws.
 */
export async function copyPlugin(from: string, to: string): Promise<void> {
  const root = realPath(from);
  await measure(root, 0, { entries: 0, bytes: 0 });
  let entries = 0;
  let bytes = 0;
  const copyFolder = async (source: string, target: string, depth: number): Promise<void> => {
    assertDepth(depth);
    await fs.promises.mkdir(target, { mode: 0o755 });
    for (const { name, place, stat } of await plainEntries(source, depth)) {
      const copy = path.join(target, name);
      assertEntries(++entries);
      if (stat.isDirectory()) {
        if (realPath(place) !== place) throw changed(place);
        await copyFolder(place, copy, depth + 1);
      } else bytes = await copyFile(place, copy, bytes);
    }
    await syncFolder(target);
  };
  await copyFolder(root, to, 0);
}

/** Before anything is copied; what comes meanwhile is counted again. */
async function measure(folder: string, depth: number, sum: { entries: number; bytes: number }): Promise<void> {
  assertDepth(depth);
  for (const { place, stat } of await plainEntries(folder, depth)) {
    assertEntries(++sum.entries);
    if (stat.isDirectory()) await measure(place, depth + 1, sum);
    else assertBytes((sum.bytes += stat.size));
  }
}

interface PlainEntry {
  readonly name: string;
  readonly place: string;
  readonly stat: fs.Stats;
}

/** Files and folders; links, devices and what Git keeps are left out. */
async function plainEntries(folder: string, depth: number): Promise<readonly PlainEntry[]> {
  const names = (await listFolderAsync(folder)).map(({ name }) => name);
  const found = names
    .filter((name) => depth > 0 || name !== '.git')
    .map((name): PlainEntry | null => {
      const place = path.join(folder, name);
      const stat = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
      return stat?.isFile() === true || stat?.isDirectory() === true ? { name, place, stat } : null;
    });
  return found.filter((entry) => entry !== null);
}

/** The bytes of all files so far. */
async function copyFile(place: string, copy: string, before: number): Promise<number> {
  const opened = openFile(place);
  try {
    if (opened.real !== place) throw changed(place);
    const bytes = before + opened.stat.size;
    assertBytes(bytes);
    const mode = (opened.stat.mode & 0o100) === 0 ? 0o644 : 0o755;
    const handle = await fs.promises.open(copy, 'wx', mode);
    try {
      await handle.writeFile(await readWholeLater(opened, MAX_PLUGIN_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
    return bytes;
  } catch (error) {
    if (error instanceof FileRefused && error.refusal === 'too-large') throw tooLarge(error.message);
    throw error;
  } finally {
    opened.close();
  }
}

function assertDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw tooLarge(`it has folders more than ${MAX_DEPTH} levels deep`);
}

function assertEntries(entries: number): void {
  if (entries > MAX_ENTRIES) throw tooLarge(`it has more than ${MAX_ENTRIES} files and folders`);
}

function assertBytes(bytes: number): void {
  if (bytes > MAX_PLUGIN_BYTES) throw tooLarge(`it has more than ${MAX_PLUGIN_BYTES / 1024 / 1024} MiB`);
}

const tooLarge = (why: string) => invalidRequest(`the plugin is too large to install: ${why}`);
const changed = (place: string) => invalidRequest(`the plugin changed while it was copied: ${place}; install it again`);
