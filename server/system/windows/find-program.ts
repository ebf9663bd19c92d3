/**
 * Finds the file of a program on Windows, in the command's own PATH, with the extensions that Windows can start.
 *
 * The current folder is not searched, unless PATH names it: a repository could have its own `git.exe`. cmd.exe and
 * CreateProcess search it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { valueOf } from '../node/environment-names.js';

/** The kinds that CreateProcess, and cmd.exe for the last two, start. */
const STARTABLE = ['.com', '.exe', '.bat', '.cmd'];

/** `file`: absolute. `batch`: only cmd.exe can run it. */
export interface FoundProgram {
  readonly file: string;
  readonly batch: boolean;
}

/** Null: there is none. A name with a slash, a backslash or a drive is a path below `cwd`. */
export function findProgram(
  name: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): FoundProgram | null {
  if (name === '') return null;
  const extensions = extensionsOf(env);
  for (const folder of /[\\/:]/.test(name) ? [cwd] : foldersOf(cwd, env)) {
    const base = path.win32.resolve(folder, name);
    const own = path.win32.extname(base).toLowerCase();
    const files = [...(STARTABLE.includes(own) ? [base] : []), ...extensions.map((extension) => base + extension)];
    const file = files.find(isFile);
    if (file !== undefined) return { file, batch: /\.(?:bat|cmd)$/i.test(file) };
  }
  return null;
}

function foldersOf(cwd: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const root = valueOf(env, 'SystemRoot') ?? 'C:\\Windows';
  const listed = (valueOf(env, 'PATH') ?? '').split(';').map((folder) => folder.replace(/"/g, ''));
  const named = listed.filter((folder) => folder !== '').map((folder) => path.win32.resolve(cwd, folder));
  // CreateProcess has these two first; a PATH without them would lose cmd.exe.
  return [...named, `${root}\\System32`, root];
}

function extensionsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const listed = (valueOf(env, 'PATHEXT') ?? STARTABLE.join(';')).toLowerCase().split(';');
  const startable = listed.filter((extension) => STARTABLE.includes(extension));
  return startable.length ? startable : STARTABLE;
}

function isFile(file: string): boolean {
  try {
    return fs.statSync(file).isFile();
  } catch {
    return false; // Missing, or closed to this user.
  }
}
