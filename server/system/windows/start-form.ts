/** How a program is started on Windows. */
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { valueOf } from '../node/environment-names.js';
import { batchArguments } from './batch.js';
import { findProgram } from './find-program.js';

export interface ProgramStart {
  /** A name, or a path below `cwd`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The program's own: its PATH is searched. */
  readonly env: Readonly<Record<string, string>>;
}

export interface StartForm {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: {
    readonly detached: boolean;
    readonly windowsHide?: boolean;
    readonly windowsVerbatimArguments?: boolean;
  };
}

/**
 * The form of a call whose program may be a name, a batch file, or a path without extension. Throws `machine.program`
 * for a name that is not found and for arguments that a batch file cannot get. Paths fail with a code of Node.
 */
export function windowsStartForm({ file, args, cwd, env }: ProgramStart): StartForm {
  const options = { detached: false, windowsHide: true };
  assertFolder(cwd);
  const found = findProgram(file, cwd, env);
  if (found === null) throw notFound(file, cwd);
  const script = commandScript(found.file, args);
  if (script !== null)
    return { file: found.file, args: script, options: { ...options, windowsVerbatimArguments: true } };
  if (!found.batch) return { file: found.file, args, options };
  const words = batchArguments(found.file, args);
  if (words === null)
    throw new CodexdError(
      'machine.program',
      `${found.file} is a batch file, and cannot get an argument with a new line`,
    );
  const interpreter = path.win32.join(valueOf(process.env, 'SystemRoot') ?? 'C:\\Windows', 'System32', 'cmd.exe');
  return { file: interpreter, args: words, options: { ...options, windowsVerbatimArguments: true } };
}

/**
 * `cmd.exe … /s /c SCRIPT`: with /s, cmd.exe takes the first and the last quote away, and the rest as it is. Node's
 * quoting would put backslashes before the script's own quotes. Null: another program or other arguments. Throws
 * `machine.program` for a script of several lines, of which cmd.exe would run the first and forget the others.
 */
function commandScript(file: string, args: readonly string[]): readonly string[] | null {
  const flags = args.slice(0, -1).map((flag) => flag.toLowerCase());
  const isScript = /\\cmd\.exe$/i.test(file) && flags.includes('/s') && flags.at(-1) === '/c';
  if (!isScript || !flags.every((flag) => /^\/[a-z](?::\w+)?$/.test(flag))) return null;
  const script = args.at(-1) ?? '';
  if (/[\r\n]/.test(script.trim()))
    throw new CodexdError('machine.program', 'cmd.exe runs one line; join the lines with && or use powershell.exe');
  return [...args.slice(0, -1), `"${script.trim()}"`];
}

/** ERROR_DIRECTORY: CreateProcess has one error for a folder that is missing and one that is a file. */
function assertFolder(cwd: string): void {
  if (fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw Object.assign(new Error(`${cwd} is no folder`), { code: 'ENOTDIR' });
}

/** Never left to CreateProcess, which would search the working folder as well. The errors are those that it has. */
function notFound(name: string, cwd: string): Error {
  if (!/[\\/:]/.test(name)) return new CodexdError('machine.program', 'program not found');
  const file = path.win32.resolve(cwd, name);
  const found = fs.statSync(file, { throwIfNoEntry: false });
  const code = found === undefined ? 'ENOENT' : found.isDirectory() ? 'EACCES' : 'ENOEXEC';
  return Object.assign(new Error(`${name} is no program`), { code, path: file });
}
