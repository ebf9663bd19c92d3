/**
 * Predicts whether the sandbox lets a turn write to a file, so that a person can be asked before. The prediction
 * protects nothing; the sandbox itself controls the writing (write.ts).
 */
import path from 'node:path';
import type { FilesystemTarget } from '../../../config/permissions/permission-profile.js';
import { PROTECTED_NAMES } from '../../../sandbox/policy/protected-paths.js';
import { createPathResolver, isWithin } from '../../../sandbox/policy/resolve-path.js';
import type { ThreadState } from '../../live/live-thread.js';

export function mayWrite({ profile, runtimeWorkspaceRoots: roots }: ThreadState, file: string): boolean {
  const { filesystem, enforcement } = profile;
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return true;
  const resolve = createPathResolver();
  const { real } = resolve(file);
  let nearest: { readonly place: string; readonly writable: boolean } | null = null;
  for (const { target, access } of filesystem.entries) {
    for (const place of placesOf(target, roots)) {
      const at = resolve(place).real;
      if (isWithin(real, at) && (nearest === null || at.length >= nearest.place.length))
        nearest = { place: at, writable: access === 'write' };
    }
  }
  if (nearest === null || !nearest.writable) return false;
  const below = path.relative(nearest.place, real).split(path.sep);
  return !below.some((name) => PROTECTED_NAMES.includes(name));
}

/** Globs only deny, and the sandbox checks them better. */
function placesOf(target: FilesystemTarget, roots: readonly string[]): readonly string[] {
  switch (target.kind) {
    case 'root':
      return ['/'];
    case 'workspaceRoots':
      return roots.map((root) => path.join(root, target.subpath));
    case 'tmpdir': {
      const { TMPDIR } = process.env;
      return TMPDIR !== undefined && path.isAbsolute(TMPDIR) ? [TMPDIR] : []; // as in sandbox/policy/collect-rules.ts
    }
    case 'slashTmp':
      return ['/tmp'];
    case 'path':
      return [target.path];
    default:
      return [];
  }
}
