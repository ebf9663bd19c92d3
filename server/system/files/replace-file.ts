import fs from 'node:fs';
import path from 'node:path';
import { stagingFile } from './scratch.js';

/** The content that a change is based on, and how to tell that it still is the content. */
export interface FileBase {
  /** Where the text really lies: links followed, the last one of them also when it points at nothing. */
  readonly target: string;
  /** Where the next text is put together: a folder that commands do not look into. */
  readonly staging: string;
  readonly text: string;
  /** Null: there is no file. */
  readonly stamp: string | null;
  /** Of the file that was read: what an editor writes into it later can still be seen. Null: there is no file. */
  readonly descriptor: number | null;
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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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
 * Puts `text` in the place of the base, all of it or nothing; mode 0600 (docs/protocol/config.md §5). False: the file
 * has changed since it was read, and nothing was done. `proceed` is asked last.
 */
export function replaceFile(base: FileBase, text: string, proceed: () => boolean): boolean {
  fs.mkdirSync(path.dirname(base.target), { recursive: true });
  const temporary = stagingFile(base.target, base.staging);
  try {
    writeDurably(temporary, text);
    if (!unchanged(base) || !proceed()) return false;
    fs.renameSync(temporary, base.target);
    return true;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/**
 * What an editor has written into the replaced file since it was read, which nobody would ever see again; null when it
 * was left alone.
 */
export function lateText(base: FileBase): string | null {
  if (base.descriptor === null) return null;
  const stat = fs.fstatSync(base.descriptor, { bigint: true });
  // Its change time moved with the rename; size and content time only move with a write.
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

function writeDurably(file: string, text: string): void {
  const descriptor = fs.openSync(file, 'wx', 0o600);
  try {
    fs.writeFileSync(descriptor, text);
    fs.fchmodSync(descriptor, 0o600); // Whatever the umask says.
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** How many links a path may consist of, as the kernel has it. */
const MAX_LINKS = 40;

function resolveLinks(file: string): string {
  let at = file;
  for (let i = 0; i < MAX_LINKS; i++) {
    let target: string;
    try {
      target = fs.readlinkSync(at);
    } catch {
      return at; // No link (any more): this is the place.
    }
    at = path.resolve(path.dirname(at), target);
  }
  throw Object.assign(new Error(`Too many levels of symbolic links: ${file}`), { code: 'ELOOP' });
}

const decode = (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
