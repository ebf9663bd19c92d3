import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { openForUser, startFileForUser } from './private-files.js';
import { stagingFile } from './scratch.js';

/** The content that a change is based on, with a stamp that shows whether the file has changed since. */
export interface FileBase {
  /** The real path of the file: links are followed, also a last link without a target. */
  readonly target: string;
  /** The folder of the temporary file, where commands do not see it. */
  readonly staging: string;
  readonly text: string;
  /** Null: there is no file. */
  readonly stamp: string | null;
  /** The file that was read, to see what an editor writes into it later. Null: there is no file. */
  descriptor: number | null;
}

/**
 * Reads a file for a change; `staging` as in FileBase. Close the base with `closeBase`. Throws what the file system
 * throws.
 */
export function openBase(file: string, staging: string): FileBase {
  const target = resolveLinks(file);
  let descriptor: number;
  try {
    descriptor = fs.openSync(target, 'r');
  } catch (error) {
    if (osCode(error) !== 'ENOENT') throw error;
    return { target, staging, text: '', stamp: null, descriptor: null };
  }
  try {
    const stamp = stampOf(fs.fstatSync(descriptor, { bigint: true }));
    return { target, staging, text: decode(fs.readFileSync(descriptor)), stamp, descriptor };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

export function closeBase(base: FileBase): void {
  if (base.descriptor !== null) fs.closeSync(base.descriptor);
}

/**
 * Replaces the base by `text`, all of it or nothing; mode 0600 (docs/protocol/config.md §5). False: the file has
 * changed since it was read, or `proceed`, which is called last, returned false; nothing was changed.
 */
export function replaceFile(base: FileBase, text: string, proceed: () => boolean): boolean {
  fs.mkdirSync(path.dirname(base.target), { recursive: true });
  const { target, staging } = base;
  return writeAndRename(
    target,
    text,
    { staging, durable: true },
    () => unchanged(base) && proceed(),
    () => letGo(base),
  );
}

/**
 * Windows replaces no open file: the base is closed, and opened again under a second name after the replacement. The
 * result does that.
 */
function letGo(base: FileBase): () => void {
  if (!REPLACES_NO_OPEN_FILE || base.descriptor === null) return () => {};
  const aside = stagingFile(base.target, base.staging);
  fs.linkSync(base.target, aside);
  fs.closeSync(base.descriptor);
  base.descriptor = null;
  return () => {
    try {
      base.descriptor = fs.openSync(aside, 'r');
    } finally {
      fs.rmSync(aside, { force: true });
    }
  };
}

const REPLACES_NO_OPEN_FILE = process.platform === 'win32';

export interface AtomicWriteOptions {
  /** The mode of the file, whatever the umask is (default 0600: on Windows an access list for this user alone). */
  readonly mode?: number;
  /** Whether Windows gives the file the access list of the folder (default: only with another mode than 0600). */
  readonly inherits?: boolean;
  /** The folder of the temporary file, where commands do not see it (default: the folder of the file). */
  readonly staging?: string;
  /** Whether the content is on the disk before the file gets its name (default false). */
  readonly durable?: boolean;
}

/**
 * Makes `content` the whole content of a file, in one step: a reader sees the old content or the new one. Throws what
 * the file system throws; the file is unchanged then.
 */
export function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): void {
  writeAndRename(file, content, options, () => true);
}

/** As writeFileAtomically, without blocking the event loop; `pieces` follow each other. */
export async function writePiecesAtomically(
  file: string,
  pieces: readonly Uint8Array[],
  { mode = 0o600, staging = path.dirname(file) }: Pick<AtomicWriteOptions, 'mode' | 'staging'> = {},
): Promise<void> {
  const temporary = stagingFile(file, staging);
  try {
    // On Windows the file gets its access list before its content.
    const isMade = mode === 0o600 && startFileForUser(temporary);
    await fs.promises.writeFile(temporary, pieces, { mode, flag: isMade ? 'r+' : 'wx' });
    await fs.promises.rename(temporary, file);
  } finally {
    await fs.promises.rm(temporary, { force: true });
  }
}

/**
 * `proceed` is called last; false: nothing is changed. Returns what it returned. `around` is called before the
 * replacement, and its result after it, also after a failed one.
 */
function writeAndRename(
  file: string,
  content: string | Uint8Array,
  { mode = 0o600, staging = path.dirname(file), durable = false, inherits = mode !== 0o600 }: AtomicWriteOptions,
  proceed: () => boolean,
  around: () => () => void = () => () => {},
): boolean {
  const temporary = stagingFile(file, staging);
  try {
    writeNew(inherits ? fs.openSync(temporary, 'wx', 0o600) : openForUser(temporary, 'wx'), content, mode, durable);
    if (!proceed()) return false;
    const after = around();
    try {
      fs.renameSync(temporary, file);
    } finally {
      after();
    }
    return true;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/**
 * The text that an editor has written into the replaced file, which has no name any more; null: nothing was written.
 */
export function lateText(base: FileBase): string | null {
  if (base.descriptor === null) return null;
  const stat = fs.fstatSync(base.descriptor, { bigint: true });
  // The rename changed its change time; only a write changes its size or content time.
  if (contentStamp(stat) === base.stamp?.split(' ')[0]) return null;
  const length = Number(stat.size);
  const bytes = Buffer.alloc(length);
  const read = fs.readSync(base.descriptor, bytes, 0, length, 0);
  const text = decode(bytes.subarray(0, read));
  return text === base.text || text === '' ? null : text;
}

function unchanged(base: FileBase): boolean {
  const stat = fs.statSync(base.target, { bigint: true, throwIfNoEntry: false });
  return (stat === undefined ? null : stampOf(stat)) === base.stamp;
}

const contentStamp = (stat: fs.BigIntStats): string => `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
const stampOf = (stat: fs.BigIntStats): string => `${contentStamp(stat)} ${stat.ctimeNs}`;

/** `descriptor`: a new file with mode 0600. It is closed. */
function writeNew(descriptor: number, content: string | Uint8Array, mode: number, durable: boolean): void {
  try {
    fs.writeFileSync(descriptor, content);
    fs.fchmodSync(descriptor, mode); // Not in open(2): the umask would change it.
    if (durable) fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** How many links of a path the kernel follows. */
const MAX_LINKS = 40;

function resolveLinks(file: string): string {
  let at = file;
  for (let i = 0; i < MAX_LINKS; i++) {
    let target: string;
    try {
      target = fs.readlinkSync(at);
    } catch {
      return at; // Not a link (any more).
    }
    at = path.resolve(path.dirname(at), target);
  }
  throw Object.assign(new Error(`Too many levels of symbolic links: ${file}`), { code: 'ELOOP' });
}

const decode = (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
