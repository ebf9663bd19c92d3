/** Finds the program of a command like execvp(3), to report the exact error before anything runs. */
import fs from 'node:fs';
import path from 'node:path';
import { candidatesOnPath, SEARCHES_AS_EXECVP } from '../../system/programs/path-search.js';
import { startForm } from '../../system/programs/start-form.js';
import { folderTrouble } from '../../system/node/os-errors.js';
import { systemSpawnError, toSpawnError, type SpawnError } from './spawn-errors.js';

/**
 * Returns the error that starting `program` in `cwd` with `searchPath` (the command's own PATH) would cause, or null.
 * Where programs are looked up in another way, the start itself finds the error.
 */
export function programError(program: string, cwd: string, searchPath: string | undefined): SpawnError | null {
  if (!SEARCHES_AS_EXECVP) return null;
  if (program === '') return systemSpawnError('ENOENT');
  if (program.includes('/')) return executableError(path.resolve(cwd, program));
  // execvp skips candidates that may not run. It reports that failure only if it finds no better candidate.
  let best = systemSpawnError('ENOENT');
  for (const candidate of candidatesOnPath(program, cwd, searchPath)) {
    // Most candidates do not exist; this check avoids an exception.
    if (!fs.existsSync(candidate)) continue;
    const error = executableError(candidate);
    if (!error) return null;
    if (error.errno === 'EACCES') best = error;
  }
  return best;
}

/**
 * Where programs are looked up in another way: rejects with the error of the start. So it comes before a missing
 * sandbox, which is another problem. Elsewhere undefined, without a turn of the event loop.
 */
export function assertStartable(
  [file = '', ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> | undefined {
  if (SEARCHES_AS_EXECVP) return undefined;
  return Promise.resolve(startForm({ file, args, cwd, env }, false)).then(
    () => undefined,
    (error: unknown) => Promise.reject(toSpawnError(error)),
  );
}

/** Returns the error that changing into `cwd` would cause, or null. */
export function folderError(cwd: string): SpawnError | null {
  try {
    return fs.statSync(cwd).isDirectory() ? null : systemSpawnError('ENOTDIR');
  } catch (error) {
    return toSpawnError(folderTrouble(error));
  }
}

function executableError(file: string): SpawnError | null {
  try {
    if (fs.statSync(file).isDirectory()) return systemSpawnError('EACCES');
    fs.accessSync(file, fs.constants.X_OK);
    return null;
  } catch (error) {
    return toSpawnError(error);
  }
}
