/**
 * Which file the kernel runs for the name of a program, and whether an untrusted program could have replaced it.
 *
 * Threat: an allowed name leads to a file that a command made: through a folder of PATH, a link, a folder that can be
 * renamed, or the interpreter of a script.
 * Rule: PATH is searched as by execvp(3), and every folder on the path, also of links, is checked. The file must belong
 * to root or to this user, and others must not be able to write it. The interpreter of a script is checked in the same
 * way.
 * Non-scope: the libraries that a program loads, and the files that it reads.
 */
import fs from 'node:fs';
import path from 'node:path';
import { candidatesOnPath, isExecutable } from './path-search.js';

export interface ProgramFile {
  /** Absolute, as found: a program may depend on the name by which it is called. */
  readonly path: string;
  /** Without links. */
  readonly real: string;
}

export interface ProgramSearch {
  /** Absolute and real. */
  readonly cwd: string;
  /** The PATH of the command. */
  readonly searchPath: string | undefined;
  /** Whether an untrusted program can change the file at this real path. */
  readonly mayChange: (place: string) => boolean;
}

/** Null: there is no such program, or an untrusted program could have replaced it. */
export function protectedProgram(name: string, search: ProgramSearch): ProgramFile | null {
  return steady(name, search, 0);
}

/** How many nested interpreters the kernel follows (fs/exec.c). */
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

/** Only characters that cannot be mistaken for others. */
const PLAIN_NAME = /^[\w.+@:,/[-]+$/;

/** The first file that execvp(3) would run. */
function onPath(name: string, { cwd, searchPath }: ProgramSearch): string | null {
  for (const candidate of candidatesOnPath(name, cwd, searchPath)) if (isExecutable(candidate)) return candidate;
  return null;
}

/** linux/namei.h MAXSYMLINKS. */
const MAX_LINKS = 40;

/** Resolves a path as the kernel does. `folders`: the real folders in which names were looked up. */
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

/** Null: not a link; undefined: missing. */
function linkTarget(place: string): string | null | undefined {
  try {
    return fs.lstatSync(place).isSymbolicLink() ? fs.readlinkSync(place) : null;
  } catch {
    return undefined;
  }
}

const OTHERS_WRITE = 0o002;

/** Whether no other user can add files to the folder. */
function isOwnFolder(folder: string): boolean {
  const { mode, uid } = fs.statSync(folder);
  return (mode & OTHERS_WRITE) === 0 && ownUids().includes(uid);
}

function isOwnProgram(file: string): boolean {
  const stat = fs.statSync(file);
  if (!stat.isFile() || (stat.mode & OTHERS_WRITE) !== 0 || !ownUids().includes(stat.uid)) return false;
  // Another name of the file may be in a folder that commands can write. Packages of the system have several names.
  return stat.nlink === 1 || SYSTEM.test(file);
}

const ownUids = (): readonly number[] => [0, process.getuid?.() ?? 0];
const SYSTEM = /^\/(?:usr|bin|sbin|lib|lib64|opt|nix\/store|snap)\//;

/** How much of a script's first line the kernel reads (BINPRM_BUF_SIZE). */
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
