/**
 * What a place on the disk is, for the resolution of paths.
 *
 * Threat: on Windows a file has several names (another case, short names of eight letters), and a folder may be a
 * junction or a mounted volume. A rule about one name would not hold for another.
 * Rule: there, the disk is asked for the name that it has (GetFinalPathNameByHandle). A place that the disk has
 * elsewhere counts as a link. If the disk does not tell the name, the folder's list must contain it. Otherwise this
 * user cannot reach the place.
 */
import fs from 'node:fs';
import { listFolder, nativePath, readLink } from '../../system/files/path-bytes.js';
import { paths, type LocalPaths } from '../../system/files/paths.js';
import { isPlaceholder } from './placeholder-marks.js';

export type PathEntry =
  /** `spelled`: the place as the disk has it, if that can differ from the place as it was given. */
  | { readonly kind: 'folder' | 'file'; readonly spelled?: string }
  /** `unreachable`: this user cannot look there, so its commands cannot either. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'link'; readonly target: string };

export interface FileView {
  readonly paths: LocalPaths;
  /** `place`: absolute; the folder above contains no links. Never throws. */
  look(place: string): PathEntry;
}

/** The files of this machine. */
export const FILES_HERE: FileView = { paths, look: paths.windows ? lookOnWindows : look };

function look(place: string): PathEntry {
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

function lookOnWindows(place: string): PathEntry {
  const entry = look(place);
  if (entry.kind !== 'folder' && entry.kind !== 'file') return entry;
  const spelled = spelledByDisk(place) ?? spelledByFolder(place);
  if (spelled === null) return { kind: 'unreachable' };
  if (!paths.same(paths.above(spelled), paths.above(place))) return { kind: 'link', target: spelled };
  return { kind: entry.kind, spelled };
}

function spelledByDisk(place: string): string | null {
  try {
    const real = fs.realpathSync.native(place);
    return paths.parts(real).names.length === 0 ? paths.normal(real) : real;
  } catch {
    return null; // A file system without this call, or a file that nobody else may open.
  }
}

function spelledByFolder(place: string): string | null {
  const folder = paths.above(place);
  const name = paths.nameKey(paths.native.basename(place));
  try {
    const found = listFolder(folder).find((entry) => paths.nameKey(entry.name) === name);
    return found ? paths.native.join(folder, found.name) : null;
  } catch {
    return null;
  }
}
