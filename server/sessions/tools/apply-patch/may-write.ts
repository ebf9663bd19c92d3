/**
 * Predicts whether the sandbox lets a turn write to a file, so that a person can be asked before. The prediction
 * protects nothing; the sandbox itself controls the writing (write.ts).
 */
import { PROTECTED_NAMES } from '../../../sandbox/policy/protected-paths.js';
import { createPathResolver } from '../../../sandbox/policy/resolve-path.js';
import { targetPlaces } from '../../../sandbox/policy/target-places.js';
import { paths } from '../../../system/files/paths.js';
import type { ThreadState } from '../../live/live-thread.js';

export function mayWrite({ profile, runtimeWorkspaceRoots: roots }: ThreadState, file: string): boolean {
  const { filesystem, enforcement } = profile;
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return true;
  const resolve = createPathResolver();
  const { real } = resolve(file);
  let nearest: { readonly place: string; readonly writable: boolean } | null = null;
  for (const { target, access } of filesystem.entries) {
    // Globs only deny, and the sandbox checks them better.
    if (target.kind === 'glob' || target.kind === 'minimal') continue;
    for (const place of targetPlaces(target, { workspaceRoots: roots, env: process.env })) {
      const at = resolve(place).real;
      if (paths.isWithin(real, at) && (nearest === null || at.length >= nearest.place.length))
        nearest = { place: at, writable: access === 'write' };
    }
  }
  if (nearest === null || !nearest.writable) return false;
  const { native, nameKey } = paths;
  const below = native.relative(nearest.place, real).split(native.sep);
  return !below.some((name) => PROTECTED_NAMES.some((known) => nameKey(known) === nameKey(name)));
}
