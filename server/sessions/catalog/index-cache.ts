/**
 * The saved index: a file in the Codex home that saves reading all rollouts again at the next start. It is always
 * replaced as a whole, so several daemons can write and read it. A damaged file, or one of another version, is ignored.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolderForUser } from '../../system/files/private-files.js';
import { writePiecesAtomically } from '../../system/files/replace-file.js';
import { isObject } from '../../system/node/objects.js';
import { listedMeta } from './listed-meta.js';
import type { Folder } from './rollout-folders.js';
import { createSlices } from '../../system/node/slices.js';
import type { FileRow, RowHead } from './file-row.js';

export interface CachedFolder {
  readonly folder: Folder;
  readonly files: readonly Pick<FileRow, 'name' | 'mtimeMs' | 'size' | 'ino' | 'head'>[];
}

/** Raise this number with every change to the content or the meaning of a line. */
const VERSION = 1;
/** How many lines share one hash. */
const PIECE = 256;

/** Null: there is no usable cache. */
export async function loadIndexCache(file: string): Promise<CachedFolder[] | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return null;
  }
  const start = bytes.indexOf('\n') + 1;
  const header = parse(bytes.toString('utf8', 0, start));
  if (!isObject(header) || header['version'] !== VERSION) return null;
  if (header['sum'] !== createHash('sha1').update(bytes.subarray(start)).digest('hex')) return null;
  const slices = createSlices();
  const folders: { folder: Folder; files: CachedFolder['files'][number][] }[] = [];
  let position = start;
  while (position < bytes.length) {
    const end = bytes.indexOf('\n', position);
    const line = parse(bytes.toString('utf8', position, end));
    position = end + 1;
    if (Array.isArray(line)) {
      const [name, mtimeMs, size, ino, meta, createdAtMs, preview, cut] = line as CachedRow;
      const head = meta === null ? null : { meta: listedMeta(meta), createdAtMs, preview, cut };
      folders.at(-1)?.files.push({ name, mtimeMs, size, ino, head });
    } else if (isObject(line)) {
      folders.push({ folder: { ...(line as unknown as Folder), names: [] }, files: [] });
    }
    await slices.rest();
  }
  return folders.map(({ folder, files }) => ({ folder: { ...folder, names: files.map(({ name }) => name) }, files }));
}

type CachedRow = [
  name: string,
  mtimeMs: number,
  size: number,
  ino: number,
  meta: RowHead['meta'] | null,
  createdAtMs: number,
  preview: string | null,
  cut: boolean,
];

/** Throws the file system's error; the previous file then stays. */
export async function saveIndexCache(file: string, folders: readonly CachedFolder[]): Promise<void> {
  const slices = createSlices();
  const pieces: Buffer[] = [];
  let lines: string[] = [];
  const put = (line: string): void => {
    lines.push(`${line}\n`);
    if (lines.length < PIECE) return;
    pieces.push(Buffer.from(lines.join('')));
    lines = [];
  };
  for (const { folder, files } of folders) {
    const { names: _names, ...kept } = folder;
    put(JSON.stringify(kept));
    for (const { name, mtimeMs, size, ino, head } of files) {
      const { meta = null, createdAtMs = 0, preview = null, cut = false } = head ?? {};
      put(JSON.stringify([name, mtimeMs, size, ino, meta, createdAtMs, preview, cut] satisfies CachedRow));
      await slices.rest();
    }
  }
  pieces.push(Buffer.from(lines.join('')));
  const hash = createHash('sha1');
  for (const piece of pieces) {
    hash.update(piece);
    await slices.rest();
  }
  const header = Buffer.from(`${JSON.stringify({ version: VERSION, sum: hash.digest('hex') })}\n`);
  makeFolderForUser(path.dirname(file));
  await writePiecesAtomically(file, [header, ...pieces]);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
