/** Finds the program of a command as execvp(3) would, to say exactly what is wrong before anything runs. */
import fs from 'node:fs';
import path from 'node:path';
import { candidatesOnPath } from '../../system/programs/path-search.js';
import { systemSpawnError, toSpawnError, type SpawnError } from './spawn-errors.js';

/** The error that starting `program` in `cwd` with `searchPath` (the command's own PATH) would end with, or null. */
export function programError(program: string, cwd: string, searchPath: string | undefined): SpawnError | null {
  if (program === '') return systemSpawnError('ENOENT');
  if (program.includes('/')) return executableError(path.resolve(cwd, program));
  // execvp goes on past candidates that may not be run and names that failure only if there is no better one.
  let best = systemSpawnError('ENOENT');
  for (const candidate of candidatesOnPath(program, cwd, searchPath)) {
    // Most are not there, and this tells it without an exception.
    if (!fs.existsSync(candidate)) continue;
    const error = executableError(candidate);
    if (!error) return null;
    if (error.errno === 'EACCES') best = error;
  }
  return best;
}

/** The error that changing into `cwd` would end with, or null. */
export function folderError(cwd: string): SpawnError | null {
  try {
    return fs.statSync(cwd).isDirectory() ? null : systemSpawnError('ENOTDIR');
  } catch (error) {
    return toSpawnError(error);
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
