import { normalPath } from '../../system/files/path-bytes.js';
import { ALL_FILES, isDevicePath, paths } from '../../system/files/paths.js';
import { FILES_HERE, type FileView, type PathEntry } from './file-view.js';
import { sandboxRefused } from './sandbox.js';

/** The target of a path and the links on the way. All paths are absolute. */
export interface ResolvedPath {
  readonly given: string;
  /**
   * Without symbolic links. Below `missingFrom`, the names are as given. Two results of one resolver for the same place
   * have the same text: on Windows, names are as on the disk, also for short names and another case.
   */
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
/** On Windows every missing folder of a path is remembered. Nobody nests this deep. */
const MAX_MISSING = 1000;

/**
 * Resolves paths component by component, like the kernel. Later calls of the same resolver reuse what earlier calls
 * have read. Throws `sandbox.refused` for a loop of links; on Windows also for a device and for a path without a drive.
 */
export function createPathResolver(view: FileView = FILES_HERE): PathResolver {
  const system = view.paths;
  const seen = new Map<string, PathEntry>();
  const lookAt = (place: string): PathEntry => {
    let entry = seen.get(place);
    if (!entry) seen.set(place, (entry = view.look(place)));
    return entry;
  };
  const spell = system.windows ? createSpelling() : null;
  const tail = (place: string, rest: readonly string[]): string => {
    if (spell === null) return system.native.join(place, ...rest);
    // The key grows with the path: a new one for each name of a long path would take seconds.
    if (rest.length > MAX_MISSING)
      throw sandboxRefused(`more than ${MAX_MISSING} folders are missing on the way to ${rest.at(-1)} below ${place}`);
    let key = system.key(place);
    let at = spell(key, place);
    for (const word of rest) {
      key = below(key, system.nameKey(word));
      at = spell(key, below(at, word));
    }
    return at;
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
    const { root, names: rest } = partsOf(given, view);
    let current = root;
    let kind: 'folder' | 'file' = 'folder';
    if (system.windows && current !== ALL_FILES) {
      const drive = lookAt(current);
      if (drive.kind === 'missing' || drive.kind === 'unreachable') return missing(tail(current, rest), null, null);
      if (drive.kind === 'link') current = drive.target;
      else if (drive.spelled !== undefined) current = drive.spelled;
    }
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      // Nothing exists or can be created below a file.
      if (kind === 'file') return missing(tail(current, [word, ...rest]), null, null);
      if (word === '..') {
        current = system.native.dirname(current);
        kind = 'folder';
        continue;
      }
      const place = below(current, word);
      const entry = lookAt(place);
      if (entry.kind === 'missing') return missing(tail(place, rest), spell?.(system.key(place), place) ?? place, null);
      if (entry.kind === 'unreachable') return missing(tail(place, rest), null, current);
      if (entry.kind === 'link') {
        if (links.length === MAX_LINKS) throw sandboxRefused(`too many levels of symbolic links in ${given}`);
        links.push({ at: place, target: entry.target });
        const to = linkParts(entry.target, current);
        current = to.root;
        rest.unshift(...to.names);
        kind = 'folder';
        continue;
      }
      current = entry.spelled ?? place;
      kind = entry.kind;
    }
    return { given, real: current, kind, missingFrom: null, closed: null, links };
  };

  function below(folder: string, word: string): string {
    return folder.endsWith(system.native.sep) ? `${folder}${word}` : `${folder}${system.native.sep}${word}`;
  }

  /** Where a link leads: from the root of an absolute target, or from the folder of the link. */
  function linkParts(target: string, folder: string): { readonly root: string; readonly names: readonly string[] } {
    if (!system.windows)
      return system.isAbsolute(target) ? system.parts(target) : { ...system.parts(target), root: folder };
    // `\x` is on the drive of the link; `..` does not look at the disk.
    return partsOf(system.native.resolve(folder, target), view);
  }
}

function partsOf(given: string, { paths: system }: FileView): { readonly root: string; readonly names: string[] } {
  if (given === ALL_FILES) return { root: given, names: [] };
  if (system.windows) {
    if (isDevicePath(given, system)) throw sandboxRefused(`${given} is a device or a stream, and no path of a file`);
    if (!system.isAbsolute(given)) throw sandboxRefused(`${given} is no absolute path: it needs a drive or a share`);
  }
  const { root, names } = system.parts(normalPath(given));
  return { root: root || system.parts(system.native.resolve(given)).root, names: [...names] };
}

/** The first spelling of a missing place counts. For names that are there, the disk has the spelling. */
function createSpelling(): (key: string, place: string) => string {
  const first = new Map<string, string>();
  return (key, place) => {
    const known = first.get(key);
    if (known === undefined) first.set(key, place);
    return known ?? place;
  };
}

/** Whether `place` is `folder` or lies below it. Both are absolute and without links. */
export const { isWithin } = paths;
