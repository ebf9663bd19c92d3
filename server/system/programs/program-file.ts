/**
 * Which file the kernel runs for a program's name, and whether somebody could have put another one there.
 *
 * Threat: a name that is allowed leads to a file that a command has made: through a folder of PATH, a link, a folder
 * that can be renamed, an interpreter that a script names.
 * Rule: PATH is walked as execvp(3) does, and every folder on the way, of links as well, is asked about. The file
 * belongs to root or to this user, and others cannot write it. Of a script the interpreter is asked about in the same
 * way.
 * Non-scope: the libraries that a program loads, and what it reads when it runs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { candidatesOnPath, isExecutable } from './path-search.js';

export interface ProgramFile {
  /** Absolute, as found: what it leads to may have many names and go by this one. */
  readonly path: string;
  /** Without links. */
  readonly real: string;
}

export interface ProgramSearch {
  /** Absolute and real. */
  readonly cwd: string;
  /** The PATH that the command gets. */
  readonly searchPath: string | undefined;
  /** Whether somebody who is not trusted can change what lies at this real path. */
  readonly mayChange: (place: string) => boolean;
}

/** Null: there is no such program, or it is not certain that nobody has exchanged it. */
export function steadyProgram(name: string, search: ProgramSearch): ProgramFile | null {
  return steady(name, search, 0);
}

/** Interpreters of interpreters, as the kernel follows them (fs/exec.c). */
const MAX_INTERPRETERS = 4;

function steady(name: string, search: ProgramSearch, depth: number): ProgramFile | null {
  if (depth > MAX_INTERPRETERS || !PLAIN_NAME.test(name) || name.split('/').includes('..')) return null;
  const found = name.includes('/') ? path.resolve(search.cwd, name) : onPath(name, search);
  const walked = found === null ? null : walk(found);
  if (found === null || walked === null) return null;
  const { real, folders } = walked;
  for (const folder of folders) if (search.mayChange(folder) || !isOwnFolder(folder)) return null;
  if (search.mayChange(real) || !isOwnProgram(real)) return null;
  return interpreterIsSteady(real, search, depth) ? { path: found, real } : null;
}

/** Nothing that shows as something else. */
const PLAIN_NAME = /^[\w.+@:,/[-]+$/;

/** The first file that execvp(3) would run. */
function onPath(name: string, { cwd, searchPath }: ProgramSearch): string | null {
  for (const candidate of candidatesOnPath(name, cwd, searchPath)) if (isExecutable(candidate)) return candidate;
  return null;
}

/** linux/namei.h MAXSYMLINKS. */
const MAX_LINKS = 40;

/** As the kernel walks a path. `folders`: the real places in which something was looked up. */
function walk(file: string): { readonly real: string; readonly folders: ReadonlySet<string> } | null {
  const folders = new Set<string>();
  const rest = file.split('/');
  let current = '/';
  let links = 0;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '' || word === '.') continue;
    folders.add(current);
    if (word === '..') {
      current = path.dirname(current);
      continue;
    }
    const place = path.join(current, word);
    const target = linkTarget(place);
    if (target === undefined) return null;
    if (target === null) {
      current = place;
      continue;
    }
    if (++links > MAX_LINKS) return null;
    if (target.startsWith('/')) current = '/';
    rest.unshift(...target.split('/'));
  }
  return { real: current, folders };
}

/** Null: it is no link; undefined: it is not there. */
function linkTarget(place: string): string | null | undefined {
  try {
    return fs.lstatSync(place).isSymbolicLink() ? fs.readlinkSync(place) : null;
  } catch {
    return undefined;
  }
}

const OTHERS_WRITE = 0o002;

/** Nobody else may put anything there. */
function isOwnFolder(folder: string): boolean {
  const { mode, uid } = fs.statSync(folder);
  return (mode & OTHERS_WRITE) === 0 && ownUids().includes(uid);
}

function isOwnProgram(file: string): boolean {
  const stat = fs.statSync(file);
  if (!stat.isFile() || (stat.mode & OTHERS_WRITE) !== 0 || !ownUids().includes(stat.uid)) return false;
  // Another name of the same file may lie where it can be written; the system's packages have such names.
  return stat.nlink === 1 || SYSTEM.test(file);
}

const ownUids = (): readonly number[] => [0, process.getuid?.() ?? 0];
const SYSTEM = /^\/(?:usr|bin|sbin|lib|lib64|opt|nix\/store|snap)\//;

/** The kernel reads no more of a script's first line (BINPRM_BUF_SIZE). */
const FIRST_LINE = 256;

function interpreterIsSteady(file: string, search: ProgramSearch, depth: number): boolean {
  const line = firstLine(file);
  if (line === null) return false;
  if (!line.startsWith('#!')) return true;
  const [interpreter = '', ...words] = line
    .slice(2)
    .split(/[ \t]+/)
    .filter((word) => word !== '');
  if (!interpreter.startsWith('/') || steady(interpreter, search, depth + 1) === null) return false;
  if (path.basename(interpreter) !== 'env') return true;
  const named = words[0] === '-S' ? words[1] : words[0];
  return named !== undefined && steady(named, search, depth + 1) !== null;
}

/** Null: it cannot be read. */
function firstLine(file: string): string | null {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const buffer = Buffer.alloc(FIRST_LINE);
    const text = buffer.toString('latin1', 0, fs.readSync(descriptor, buffer, 0, FIRST_LINE, 0));
    return text.split('\n', 1)[0] ?? '';
  } finally {
    fs.closeSync(descriptor);
  }
}
