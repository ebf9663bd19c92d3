/**
 * Decides whether a file is denied to commands. The daemon asks this before it reads a file at a client's or a
 * repository's request.
 *
 * Rule: as in collect-rules.ts, a managed denial covers its place and everything below, even under a nearer entry.
 * Otherwise the nearest entry of the profile decides; of two entries for the same place, the denial wins. A glob denies
 * its matches and everything below them. A pattern that cannot be parsed denies everything below its base.
 * Non-scope: files that no entry covers; a reader of an instructions file asks only about denials by name.
 */
import type { FilesystemEntry, PermissionProfile } from '../../config/permissions/permission-profile.js';
import { ALL_FILES, paths } from '../../system/files/paths.js';
import { globMatches } from './deny-globs.js';
import { createPathResolver, type PathResolver } from './resolve-path.js';
import { targetPlaces } from './target-places.js';

/** `file`: absolute, without links. `managed`: denials of the requirements, also where the profile contains them. */
export function isDenied(
  file: string,
  profile: PermissionProfile,
  managed: readonly FilesystemEntry[],
  workspaceRoots: readonly string[],
): boolean {
  const { filesystem, enforcement } = profile;
  const ofProfile = filesystem.kind === 'unrestricted' || enforcement === 'external' ? [] : filesystem.entries;
  if (managed.length === 0 && ofProfile.every(({ access }) => access !== 'deny')) return false;
  const resolve = createPathResolver();
  // Node's own resolution leaves the case of a name as it was given.
  const real = paths.windows ? resolve(file).real : file;
  let nearest: { readonly length: number; readonly denied: boolean } | null = null;
  for (const entry of [...managed, ...ofProfile]) {
    for (const place of coveredBy(entry, real, resolve, workspaceRoots)) {
      const denied = entry.access === 'deny';
      if (denied && (entry.managed === true || entry.target.kind === 'glob')) return true;
      if (nearest === null || place.length > nearest.length || (place.length === nearest.length && denied))
        nearest = { length: place.length, denied };
    }
  }
  return nearest?.denied ?? false;
}

/** The real places of the entry at or above the file. For a matching glob: its bases. */
function coveredBy(
  { target }: FilesystemEntry,
  real: string,
  resolve: PathResolver,
  roots: readonly string[],
): readonly string[] {
  const { native } = paths;
  const above = (places: readonly string[]): string[] =>
    places.map((place) => resolve(place).real).filter((place) => paths.isWithin(real, place));
  switch (target.kind) {
    case 'root':
      return [ALL_FILES];
    case 'glob': {
      const { base, pattern } = target;
      return above(base === null ? roots : [base]).filter((place) =>
        globMatches(pattern, native.relative(place, real).split(native.sep)),
      );
    }
    case 'minimal':
    case 'tmpdir':
      return []; // System paths and the commands' own folder for temporary files are never denied.
    default:
      return above(targetPlaces(target, { workspaceRoots: roots, env: {} }));
  }
}
