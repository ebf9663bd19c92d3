/**
 * Whether a path exists, as far as this user can see.
 *
 * A folder of the user may be missing, closed to the daemon, a file, a loop of links, or have a name that no file
 * system accepts. `fs.statSync(…, { throwIfNoEntry: false })` throws for most of these, and the whole request would
 * fail. So code that checks a path which is not the daemon's own uses these functions (eslint enforces it).
 */
import fs from 'node:fs';
import { isNodeError, osCode } from '../../errors/os-code.js';

/** Errors that mean: this user can reach no file by that path. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
]);

/**
 * Links are followed. Undefined: this user can reach no file. Throws errors of the device (EIO, ESTALE, ENOMEM).
 */
export function statIfThere(place: string): fs.Stats | undefined {
  try {
    return fs.statSync(place, { throwIfNoEntry: false });
  } catch (error) {
    const code = osCode(error) ?? '';
    // No file has a path with a NUL byte.
    if (NOT_THERE.has(code) || code === 'ERR_INVALID_ARG_VALUE') return undefined;
    throw error;
  }
}

/**
 * Whether two looks found the same file. A device 0 is an unknown one: Wine has it for an open file that was renamed.
 * No file system of Linux has that number.
 */
export const isSameFile = (one: Pick<fs.Stats, 'dev' | 'ino'>, other: Pick<fs.Stats, 'dev' | 'ino'>): boolean =>
  one.ino === other.ino && (one.dev === other.dev || one.dev === 0 || other.dev === 0);

/** Whether the path leads to a folder, links followed. Never throws: an error means false. */
export function isFolder(place: string): boolean {
  try {
    return statIfThere(place)?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** The working folder of this process; null: it was removed. */
export function workingFolder(): string | null {
  try {
    return process.cwd();
  } catch (error) {
    if (osCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether an error comes from `process.cwd()`, or from a relative path, in a removed working folder. */
export function isWorkingFolderGone(error: unknown): boolean {
  return isNodeError(error) && error.code === 'ENOENT' && error.syscall === 'uv_cwd';
}
export const NO_WORKING_FOLDER = 'the current folder does not exist any more: change to one that does';
