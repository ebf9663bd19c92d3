import fs from 'node:fs';
import path from 'node:path';
import { nativePath, normalPath, readLink } from '../../system/files/path-bytes.js';
import { isPlaceholder } from './placeholder-marks.js';
import { sandboxRefused } from './sandbox.js';

/** The target of a path and the links on the way. All paths are absolute. */
export interface ResolvedPath {
  readonly given: string;
  /** Without symbolic links. Below `missingFrom`, the names are as given. */
  readonly real: string;
  readonly kind: 'folder' | 'file' | 'missing';
  /** The first part of `real` that does not exist; null when it exists or cannot exist. */
  readonly missingFrom: string | null;
  /** The folder that this user may not search, so that the rest is unknown; otherwise null. */
  readonly closed: string | null;
  /** The symbolic links that were followed, each by its own real place. */
  readonly links: readonly { readonly at: string; readonly target: string }[];
}

export type PathResolver = (given: string) => ResolvedPath;

/** linux/namei.h MAXSYMLINKS. */
const MAX_LINKS = 40;

/**
 * Resolves paths component by component, like the kernel. Later calls of the same resolver reuse what earlier calls
 * have read. Throws `sandbox.refused` for a loop of links.
 */
export function createPathResolver(): PathResolver {
  const seen = new Map<string, Entry>();
  const lookAt = (place: string): Entry => {
    let entry = seen.get(place);
    if (!entry) seen.set(place, (entry = readEntry(place)));
    return entry;
  };
  return (given) => {
    const links: { at: string; target: string }[] = [];
    const missing = (real: string, missingFrom: string | null, closed: string | null): ResolvedPath => ({
      given,
      real,
      kind: 'missing',
      missingFrom,
      closed,
      links,
    });
    const rest = split(normalPath(given));
    let current = rootOf(given);
    let kind: 'folder' | 'file' = 'folder';
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      // Nothing exists or can be created below a file.
      if (kind === 'file') return missing(path.join(current, word, ...rest), null, null);
      if (word === '..') {
        current = path.dirname(current);
        kind = 'folder';
        continue;
      }
      const place = below(current, word);
      const entry = lookAt(place);
      if (entry.kind === 'missing') return missing(path.join(place, ...rest), place, null);
      if (entry.kind === 'unreachable') return missing(path.join(place, ...rest), null, current);
      if (entry.kind === 'link') {
        if (links.length === MAX_LINKS) throw sandboxRefused(`too many levels of symbolic links in ${given}`);
        links.push({ at: place, target: entry.target });
        if (path.isAbsolute(entry.target)) current = rootOf(entry.target);
        rest.unshift(...split(entry.target));
        kind = 'folder';
        continue;
      }
      current = place;
      kind = entry.kind;
    }
    return { given, real: current, kind, missingFrom: null, closed: null, links };
  };
}

type Entry =
  { readonly kind: 'folder' | 'file' | 'missing' | 'unreachable' } | { readonly kind: 'link'; readonly target: string };

/** `unreachable`: this user cannot look there, so its commands cannot either. */
function readEntry(place: string): Entry {
  try {
    const stat = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
    // Another command's placeholder is removed when that command ends. For this command, nothing exists there.
    if (!stat || isPlaceholder(place, stat)) return { kind: 'missing' };
    if (stat.isSymbolicLink()) return { kind: 'link', target: readLink(place) };
    return { kind: stat.isDirectory() ? 'folder' : 'file' };
  } catch {
    return { kind: 'unreachable' }; // EACCES, ENAMETOOLONG, EIO
  }
}

/** `/`; on Windows the drive of an absolute path. */
const rootOf = (given: string): string => path.parse(given).root || path.parse(path.resolve(given)).root;

const below = (folder: string, word: string): string =>
  folder.endsWith(path.sep) ? `${folder}${word}` : `${folder}${path.sep}${word}`;

/** The names below the root. Windows has two separators. */
const split = (given: string): string[] =>
  given
    .slice(path.parse(given).root.length)
    .split(path.sep === '/' ? '/' : /[\\/]/)
    .filter((word) => word !== '' && word !== '.');

/** Whether `place` is `folder` or lies below it. Both are absolute and without links. */
export const isWithin = (place: string, folder: string): boolean =>
  place === folder || place.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);
