/** Where a program's file is looked for, as execvp(3) does. */
import fs from 'node:fs';
import path from 'node:path';

/** Whether programs are looked up as below; Windows has other rules (system/windows/find-program.ts). */
export const SEARCHES_AS_EXECVP = process.platform !== 'win32';

/** The folders that execvp(3) searches when the environment has no PATH (glibc, confstr(3) _CS_PATH). */
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * The files that may be the program `name`, in the order of the search; they need not exist. An empty or relative
 * folder of `searchPath` is relative to `cwd`. `searchPath` undefined: the system's default.
 */
export function* candidatesOnPath(name: string, cwd: string, searchPath: string | undefined): Generator<string> {
  for (const folder of (searchPath ?? DEFAULT_PATH).split(':')) yield path.resolve(cwd, folder, name);
}

/** Whether the path leads to a regular file that this user may execute. Never throws. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false; // Missing, or closed to this user.
  }
}
