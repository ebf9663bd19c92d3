/**
 * The places where sandboxed commands of this daemon can write, or could at any time since it started.
 *
 * Threat: a file that a command has made in one turn, thread or connection is trusted in another, stricter one.
 * Rule: a place counts from the first command that may write there until the daemon ends. Workspace roots and the
 * folders for temporary files always count. A path that cannot be resolved counts both as written and as the place it
 * leads to. When there are more places than the daemon remembers, every place counts.
 * Non-scope: other daemons, and programs that the user runs.
 */
import path from 'node:path';
import type { FilesystemTarget } from '../../config/permissions/permission-profile.js';
import { createPathResolver, isWithin } from '../../sandbox/policy/resolve-path.js';
import type { CommandPermissions } from './permissions.js';
import { temporaryFolder } from '../../system/files/scratch.js';

type Confinement = Pick<CommandPermissions, 'profile' | 'workspaceRoots'>;

const SHARED = ['/tmp', '/var/tmp', '/dev/shm', '/run/user'];
const noted = new Set<string>();
/** Each place is resolved when a command is judged. The limit is far above any real number of workspaces. */
const MAX_NOTED = 2048;

/** Called for every command that starts. `tmpdir`: the TMPDIR of its environment. */
export function noteWritable(permissions: Confinement, tmpdir: string | undefined): void {
  for (const place of placesOf(permissions, tmpdir)) noted.add(place);
  if (noted.size <= MAX_NOTED) return;
  noted.clear();
  noted.add('/');
}

/**
 * Returns the check whether commands can change the file at a real path: earlier commands, and one with these
 * permissions.
 */
export function writableBy(permissions: Confinement, tmpdir: string | undefined): (place: string) => boolean {
  const resolve = createPathResolver();
  const places = new Set<string>();
  for (const place of [...SHARED, temporaryFolder(), ...noted, ...placesOf(permissions, tmpdir)]) {
    places.add(path.resolve(place));
    try {
      places.add(resolve(place).real);
    } catch {
      // A loop of links: nothing can be written through it.
    }
  }
  return (place) => [...places].some((folder) => isWithin(place, folder));
}

function placesOf({ profile, workspaceRoots }: Confinement, tmpdir: string | undefined): readonly string[] {
  const { filesystem, enforcement } = profile;
  const temporary = tmpdir !== undefined && path.isAbsolute(tmpdir) ? [tmpdir] : [];
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return [...workspaceRoots, ...temporary];
  const writable = filesystem.entries.flatMap(({ target, access }) =>
    access === 'write' ? granted(target, workspaceRoots) : [],
  );
  return [...workspaceRoots, ...temporary, ...writable];
}

function granted(target: FilesystemTarget, roots: readonly string[]): readonly string[] {
  switch (target.kind) {
    case 'root':
      return ['/'];
    case 'workspaceRoots':
      return roots;
    case 'path':
      return [target.path];
    default:
      return []; // The temporary folders always count. Globs and the minimal system are never writable.
  }
}
