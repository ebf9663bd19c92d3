/**
 * Names of files as they are on disk.
 *
 * Threat: the usual file system of a Mac compares names without case and in any normalisation, and the kernel asks
 * about the name on disk. A rule for `/users/me/secrets` would be about no file.
 * Rule: of every path of a plan, the part that exists gets its name on disk. Two rules that then are about one place
 * become one, the stricter.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';

/** realpath(3) of macOS gives each name as it is on disk. Throws for another error than a missing file. */
export type RealName = (place: string) => string;

const nativeRealName: RealName = (place) => fs.realpathSync.native(place);

/** The stricter first. */
const STRICTNESS: readonly PlannedMount['kind'][] = [
  'hidden',
  'empty',
  'privateFolder',
  'folder',
  'link',
  'readable',
  'device',
  'writable',
];

export function withRealNames(plan: SandboxPlan, realName: RealName = nativeRealName): SandboxPlan {
  const named = (place: string): string => onDisk(place, realName);
  const mounts = new Map<string, PlannedMount>();
  for (const mount of plan.mounts) {
    // The place of a link is the link itself.
    const place =
      mount.kind === 'link'
        ? path.posix.join(named(path.posix.dirname(mount.path)), path.posix.basename(mount.path))
        : named(mount.path);
    const known = mounts.get(place);
    const stricter = known && STRICTNESS.indexOf(known.kind) <= STRICTNESS.indexOf(mount.kind);
    if (!stricter) mounts.set(place, { ...mount, path: place });
  }
  return {
    ...plan,
    mounts: [...mounts.values()].sort((one, other) => (one.path < other.path ? -1 : 1)),
    placeholders: plan.placeholders.map(named),
    unwanted: plan.unwanted.map(named),
  };
}

/** The name on disk of what exists, and the rest as given. */
function onDisk(place: string, realName: RealName): string {
  const rest: string[] = [];
  for (let at = place; ; at = path.posix.dirname(at)) {
    try {
      return path.posix.join(realName(at), ...rest);
    } catch (error) {
      const code = osCode(error);
      // EACCES: commands of this user cannot look there either.
      if (at === '/' || !['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(code ?? '')) throw error;
      rest.unshift(path.posix.basename(at));
    }
  }
}
