/**
 * Opens folders component by component, without following links that an untrusted program could have made.
 *
 * Threat: `-o out/answer.txt`, and a command has made `out` a link to `~/.ssh`.
 * Rule: each component is opened below the descriptor of its parent, without following links. A link is read and
 * followed only if `mayFollow` says that no untrusted program could have made it. Later operations use the last
 * descriptor, so replacing a folder by name has no effect.
 * Non-scope: on systems without /proc the folder is opened by its real path and compared afterwards.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fault } from '../../errors/fault.js';
import { descriptorPath, FileRefused, idAt, idOf, O_PATH, realPathOf, type FileId } from './open-file.js';
import { isDevicePath, paths, realPath } from './paths.js';

export interface OpenedFolder {
  readonly fd: number;
  /** Absolute, without links, when it was opened. */
  readonly real: string;
  readonly stat: fs.Stats;
  readonly id: FileId;
  /**
   * A path for one name in this folder. `name` has no slash. The caller must handle a link of that name (O_NOFOLLOW).
   */
  at(name: string): string;
  close(): void;
}

/** `folder`: the real path of the folder that contains the link. */
export type MayFollow = (folder: string) => boolean;

export const followAll: MayFollow = () => true;
export const followNone: MayFollow = () => false;

/** linux/namei.h MAXSYMLINKS. */
const MAX_LINKS = 40;
const FOLDER = fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW;

/**
 * Opens an absolute path as a folder. Throws what the file system throws, ENOTDIR if it is not a folder, or FileRefused
 * for a link that must not be followed. Must be closed.
 */
export function openFolder(folder: string, mayFollow: MayFollow): OpenedFolder {
  return process.platform === 'linux' ? walk(folder, mayFollow) : openByPath(folder, mayFollow);
}

/** One folder below another; a link under the name is not followed (ENOTDIR or ELOOP). */
export function openFolderBelow(above: OpenedFolder, name: string): OpenedFolder {
  assertName(name);
  if (paths.windows && isLink(above.at(name))) throw notAFolder(above.at(name));
  return openedFolder(fs.openSync(above.at(name), FOLDER | fs.constants.O_RDONLY), above.at(name), above.real, name);
}

function walk(folder: string, mayFollow: MayFollow): OpenedFolder {
  const words = split(folder);
  let links = 0;
  let current = fs.openSync('/', O_PATH | fs.constants.O_DIRECTORY);
  try {
    for (let word = words.shift(); word !== undefined; word = words.shift()) {
      const next = fs.openSync(`${descriptorPath(current)}/${word}`, O_PATH | fs.constants.O_NOFOLLOW);
      const stat = fs.fstatSync(next);
      if (!stat.isSymbolicLink()) {
        fs.closeSync(current);
        current = next;
        if (!stat.isDirectory()) throw notAFolder(folder);
        continue;
      }
      fs.closeSync(next);
      const at = realPathOf(current, folder);
      if (!mayFollow(at)) {
        throw new FileRefused(
          'elsewhere',
          folder,
          `is reached by the link ${path.join(at, word)}, which commands could have made`,
        );
      }
      if (++links > MAX_LINKS) throw Object.assign(new Error(`too many links in ${folder}`), { code: 'ELOOP' });
      const target = fs.readlinkSync(`${descriptorPath(current)}/${word}`);
      words.unshift(...split(target));
      if (!target.startsWith('/')) continue;
      fs.closeSync(current);
      current = fs.openSync('/', O_PATH | fs.constants.O_DIRECTORY);
    }
    const fd = fs.openSync(`${descriptorPath(current)}/.`, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    return openedFolder(fd, folder, null, '');
  } finally {
    fs.closeSync(current);
  }
}

function openByPath(folder: string, mayFollow: MayFollow): OpenedFolder {
  if (isDevicePath(folder)) throw notAFolder(folder);
  const real = realPath(folder);
  if (real !== path.resolve(folder)) {
    const link = firstLink(path.resolve(folder), mayFollow);
    if (link !== null) {
      throw new FileRefused('elsewhere', folder, `is reached by the link ${link}, which commands could have made`);
    }
  }
  const fd = fs.openSync(real, FOLDER | fs.constants.O_RDONLY);
  if (idAt(real) === idOf(fd)) return { ...openedFolder(fd, folder, path.dirname(real), path.basename(real)), real };
  fs.closeSync(fd);
  throw new FileRefused('elsewhere', folder, 'was exchanged while it was opened');
}

function firstLink(folder: string, mayFollow: MayFollow): string | null {
  for (let place = folder; place !== path.dirname(place); place = path.dirname(place)) {
    if (fs.lstatSync(place).isSymbolicLink() && !mayFollow(fs.realpathSync(path.dirname(place)))) return place;
  }
  return null;
}

function openedFolder(fd: number, asked: string, above: string | null, name: string): OpenedFolder {
  try {
    const real = process.platform === 'linux' ? realPathOf(fd, asked) : path.join(above ?? '/', name);
    return {
      fd,
      real,
      stat: fs.fstatSync(fd),
      id: idOf(fd),
      at(child) {
        assertName(child);
        return path.join(process.platform === 'linux' ? descriptorPath(fd) : real, child);
      },
      close: () => fs.closeSync(fd),
    };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function assertName(name: string): void {
  if (name === '' || name === '.' || name === '..' || isPath(name)) throw fault(`'${name}' is no file name`);
}

/** On Windows also a device, a stream of a file, and what a drive could begin. */
const isPath = (name: string): boolean =>
  name.includes('/') || (paths.windows && (name.includes('\\') || isDevicePath(name)));

/** Windows has no O_NOFOLLOW. */
export const isLink = (place: string): boolean =>
  fs.lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true;

const split = (given: string): string[] => given.split('/').filter((word) => word !== '' && word !== '.');

const notAFolder = (folder: string): Error =>
  Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' });
