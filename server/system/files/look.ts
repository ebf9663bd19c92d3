/**
 * What a path leads to, as far as this user can look.
 *
 * A folder of the user's may be gone, closed to the daemon, a file, a loop of links, or have a name that no file system
 * takes. `fs.statSync(…, { throwIfNoEntry: false })` throws for most of these, and one look then fails a whole request:
 * so whoever asks "is there such a file" of a path that is not the daemon's own asks here (eslint holds it).
 */
import fs from 'node:fs';

/** Nothing can be reached under that path, for this user. */
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
 * Links are followed. Undefined: nothing that this user can reach. Throws what the device says (EIO, ESTALE, ENOMEM).
 */
export function statIfThere(place: string): fs.Stats | undefined {
  try {
    return fs.statSync(place, { throwIfNoEntry: false });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // A path with a NUL byte can name nothing.
    if (NOT_THERE.has(code) || code === 'ERR_INVALID_ARG_VALUE') return undefined;
    throw error;
  }
}

/** Whether it leads to a folder, through links or not. Never throws: one that cannot be looked at is none. */
export function isFolder(place: string): boolean {
  try {
    return statIfThere(place)?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** The folder that this process is in; null when it was removed. */
export function workingFolder(): string | null {
  try {
    return process.cwd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether an error is that of `process.cwd()`, or of a relative path, in such a folder. */
export function isWorkingFolderGone(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && syscall === 'uv_cwd';
}
export const NO_WORKING_FOLDER = 'the current folder does not exist any more: change to one that does';
