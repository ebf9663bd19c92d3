/**
 * Whether commands are denied a file: for what the daemon reads itself, at the wish of whoever put the file there.
 *
 * Rule: as in rules.ts, a managed denial holds at and below its place, whatever lies nearer; else the nearest entry of
 * the profile decides, and of two about the same place the denial. A glob denies what it matches and what lies below. A
 * pattern that cannot be understood denies everything below its base.
 * Non-scope: what no entry covers; who reads an instructions file asks only what is denied by name.
 */
import path from 'node:path';
import type { FilesystemEntry, PermissionProfile } from '../../config/permissions/permission-profile.js';
import { globMatches } from './deny-globs.js';
import { createPathResolver, isWithin, type PathResolver } from './resolve-path.js';

/** `real`: absolute, without links. `managed`: denials of the requirements, also where they are in the profile. */
export function isDenied(
  real: string,
  profile: PermissionProfile,
  managed: readonly FilesystemEntry[],
  workspaceRoots: readonly string[],
): boolean {
  const { filesystem, enforcement } = profile;
  const own = filesystem.kind === 'unrestricted' || enforcement === 'external' ? [] : filesystem.entries;
  if (managed.length === 0 && own.every(({ access }) => access !== 'deny')) return false;
  const resolve = createPathResolver();
  let nearest: { readonly length: number; readonly denied: boolean } | null = null;
  for (const entry of [...managed, ...own]) {
    for (const place of coveredBy(entry, real, resolve, workspaceRoots)) {
      const denied = entry.access === 'deny';
      if (denied && (entry.managed === true || entry.target.kind === 'glob')) return true;
      if (nearest === null || place.length > nearest.length || (place.length === nearest.length && denied))
        nearest = { length: place.length, denied };
    }
  }
  return nearest?.denied ?? false;
}

/** The real places of the entry that lie at or above the file; of a glob its bases, when it matches. */
function coveredBy(
  { target }: FilesystemEntry,
  real: string,
  resolve: PathResolver,
  roots: readonly string[],
): readonly string[] {
  const above = (places: readonly string[]): string[] =>
    places.map((place) => resolve(place).real).filter((place) => isWithin(real, place));
  switch (target.kind) {
    case 'root':
      return ['/'];
    case 'workspaceRoots':
      return above(roots.map((root) => path.join(root, target.subpath)));
    case 'path':
      return above([target.path]);
    case 'glob': {
      const { base, pattern } = target;
      return above(base === null ? roots : [base]).filter((place) =>
        globMatches(pattern, path.relative(place, real).split('/')),
      );
    }
    case 'slashTmp':
      return above(['/tmp']);
    default:
      return []; // System paths and the commands' own folder for temporary files are never denied.
  }
}
