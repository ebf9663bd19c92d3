/**
 * The way of a path: the folders in which the system looks up its names, with all links on the way. Each of these
 * entries can be replaced, and then the path leads elsewhere.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { decodePath, nativePath } from '../../system/files/path-bytes.js';

/** One name that is looked up. */
export interface Step {
  /** The real path of the folder. */
  readonly folder: string;
  /** Of the folder. */
  readonly id: string;
  readonly name: string;
  /** Whether it is the last name of the path, or of a link in that place: its changes are changes of the path. */
  readonly isLast: boolean;
}

export interface Route {
  /** Up to the first name that does not exist. */
  readonly steps: readonly Step[];
  /** What the path leads to; null: nothing. */
  readonly target: { readonly place: string; readonly id: string; readonly isFolder: boolean } | null;
}

/** linux/namei.h MAXSYMLINKS. */
const MAX_LINKS = 40;
/** The path leads nowhere, for this user. */
const NOWHERE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP']);

interface Word {
  readonly name: string;
  readonly isLast: boolean;
}

/** `place`: absolute and normal. Throws what the file system throws, except for a path that leads nowhere. */
export async function routeOf(place: string): Promise<Route> {
  const { root } = path.parse(place);
  const words = split(place.slice(root.length), true);
  const steps: Step[] = [];
  let links = 0;
  let at = root;
  let stat = await lstat(root);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (stat === null || !stat.isDirectory()) return { steps, target: null };
    const next = word.name === '..' ? path.dirname(at) : path.join(at, word.name);
    if (word.name !== '..') steps.push({ folder: at, id: idOf(stat), ...word });
    const found = await lstat(next);
    if (found?.isSymbolicLink() !== true) {
      at = next;
      stat = found;
      continue;
    }
    if (++links > MAX_LINKS) return { steps, target: null };
    const text = await readlink(next);
    if (text === null) return { steps, target: null };
    const targetRoot = path.parse(text).root;
    words.unshift(...split(text.slice(targetRoot.length), word.isLast));
    if (targetRoot === '') continue;
    at = path.resolve(targetRoot);
    stat = await lstat(at);
  }
  return { steps, target: stat === null ? null : { place: at, id: idOf(stat), isFolder: stat.isDirectory() } };
}

/** Whether both lead through the same folders to the same file. */
export const isSameRoute = (one: Route, other: Route): boolean =>
  one.target?.id === other.target?.id &&
  one.steps.length === other.steps.length &&
  one.steps.every((step, at) => {
    const { folder, id, name } = other.steps[at]!;
    return step.folder === folder && step.id === id && step.name === name;
  });

const SEPARATORS = path.sep === '\\' ? /[\\/]/ : /\//;
function split(text: string, endsPath: boolean): Word[] {
  const names = text.split(SEPARATORS).filter((name) => name !== '' && name !== '.');
  return names.map((name, at) => ({ name, isLast: endsPath && at === names.length - 1 }));
}

/** With its birth: a file system gives the number of a removed file to the next one. */
const idOf = ({ dev, ino, birthtimeNs }: fs.BigIntStats): string => `${dev}:${ino}:${birthtimeNs}`;

/** Null: it is no link any more. */
async function readlink(place: string): Promise<string | null> {
  try {
    return decodePath(await fs.promises.readlink(nativePath(place), 'buffer'));
  } catch (error) {
    if (NOWHERE.has(osCode(error)) || osCode(error) === 'EINVAL') return null;
    throw error;
  }
}

async function lstat(place: string): Promise<fs.BigIntStats | null> {
  try {
    return await fs.promises.lstat(nativePath(place), { bigint: true });
  } catch (error) {
    if (NOWHERE.has(osCode(error))) return null;
    throw error;
  }
}
