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
import { createPathResolver } from '../../sandbox/policy/resolve-path.js';
import { temporaryPlaces } from '../../sandbox/policy/target-places.js';
import { ALL_FILES, paths } from '../../system/files/paths.js';
import type { CommandPermissions } from './permissions.js';
import { temporaryFolder } from '../../system/files/scratch.js';

type Confinement = Pick<CommandPermissions, 'profile' | 'workspaceRoots'>;

const SHARED = paths.windows ? [] : ['/tmp', '/var/tmp', '/dev/shm', '/run/user'];
const noted = new Set<string>();
/** Each place is resolved when a command is judged. The limit is far above any real number of workspaces. */
const MAX_NOTED = 2048;

type Environment = Readonly<Record<string, string | undefined>>;

/** Called for every command that starts. `env`: its environment. */
export function noteWritable(permissions: Confinement, env: Environment): void {
  for (const place of placesOf(permissions, env)) noted.add(place);
  if (noted.size <= MAX_NOTED) return;
  noted.clear();
  noted.add(ALL_FILES);
}

/**
 * Returns the check whether commands can change the file at a real path: earlier commands, and one with these
 * permissions.
 */
export function writableBy(permissions: Confinement, env: Environment): (place: string) => boolean {
  const resolve = createPathResolver();
  const places = new Set<string>();
  for (const place of [...SHARED, temporaryFolder(), ...noted, ...placesOf(permissions, env)]) {
    places.add(place === ALL_FILES ? place : path.resolve(place));
    try {
      places.add(resolve(place).real);
    } catch {
      // A loop of links: nothing can be written through it.
    }
  }
  return (place) => [...places].some((folder) => paths.covers(folder, place));
}

function placesOf({ profile, workspaceRoots }: Confinement, env: Environment): readonly string[] {
  const { filesystem, enforcement } = profile;
  const temporary = temporaryPlaces(env);
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return [...workspaceRoots, ...temporary];
  const writable = filesystem.entries.flatMap(({ target, access }) =>
    access === 'write' ? granted(target, workspaceRoots) : [],
  );
  return [...workspaceRoots, ...temporary, ...writable];
}

function granted(target: FilesystemTarget, roots: readonly string[]): readonly string[] {
  switch (target.kind) {
    case 'root':
      return [ALL_FILES];
    case 'workspaceRoots':
      return roots;
    case 'path':
      return [target.path];
    default:
      return []; // The temporary folders always count. Globs and the minimal system are never writable.
  }
}
