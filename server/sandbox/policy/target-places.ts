/**
 * The places that an entry of a profile names for one command.
 *
 * What differs on Windows: the system folders; `$TMPDIR` is joined by TEMP and TMP, which programs there use; there is
 * no `/tmp`. `:root` is all drives and shares.
 */
import type { FilesystemTarget } from '../../config/permissions/permission-profile.js';
import { ALL_FILES, paths, type LocalPaths } from '../../system/files/paths.js';
import { valueOf } from '../../system/node/environment-names.js';

/**
 * System paths that programs need (docs/protocol/config.md §8, `:minimal`). Paths that do not exist here are left out.
 */
const MINIMAL: readonly string[] = [
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/usr',
  '/etc',
  '/nix/store',
  '/run/current-system/sw',
  // On many systems these are links out of /etc. Name resolution needs the first two.
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/localtime',
  // Only macOS has these: developers' tools, to which /usr/bin/git and others lead, and what Homebrew installs.
  ...(process.platform === 'darwin'
    ? ['/System/Library', '/Library/Developer', '/Applications/Xcode.app', '/opt/homebrew', '/var/db/xcode_select_link']
    : []),
];
/** On the drive of the system. */
const WINDOWS_MINIMAL: readonly string[] = ['Windows', 'Program Files', 'Program Files (x86)', 'ProgramData'];
const WINDOWS_TEMPORARY: readonly string[] = ['TMPDIR', 'TEMP', 'TMP'];

type Environment = Readonly<Record<string, string | undefined>>;

export interface TargetContext {
  readonly workspaceRoots: readonly string[];
  /** The command's. */
  readonly env: Environment;
}

/** Absolute paths, links not resolved. */
export function targetPlaces(
  target: Exclude<FilesystemTarget, { kind: 'glob' }>,
  { workspaceRoots, env }: TargetContext,
  system: LocalPaths = paths,
): readonly string[] {
  switch (target.kind) {
    case 'root':
      return [ALL_FILES];
    case 'minimal':
      return system.windows ? WINDOWS_MINIMAL.map((name) => system.native.join(systemDrive(), name)) : MINIMAL;
    case 'workspaceRoots':
      return workspaceRoots.map((root) => system.native.join(root, target.subpath));
    case 'tmpdir':
      return temporaryPlaces(env, system);
    case 'slashTmp':
      return system.windows ? [] : ['/tmp'];
    case 'path':
      return [target.path];
  }
}

/** The folders for temporary files that an environment names. */
export function temporaryPlaces(env: Environment, system: LocalPaths = paths): readonly string[] {
  const named = system.windows ? WINDOWS_TEMPORARY.map((name) => valueOf(env, name)) : [env.TMPDIR];
  return [...new Set(named.filter((place): place is string => place !== undefined && system.isAbsolute(place)))];
}

/** Of the daemon's environment: the one of the command can be a client's. */
const systemDrive = (): string => paths.native.parse(process.env.SystemRoot ?? 'C:\\').root || 'C:\\';
