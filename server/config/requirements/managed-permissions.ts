/**
 * `[permissions]` of the requirements: profiles of the administrator, and paths that no command may read.
 *
 * Threat: a user or a project defines a profile with the name of a managed profile or of its parent. Or a profile
 * grants a path inside a denied folder, and the more specific entry would count.
 * Rule: a name may be defined once; otherwise no profile is used. A managed profile may extend only built-in and
 * managed profiles. A managed denial applies to every profile, and nothing inside it is granted (the entry is marked
 * `managed`, which sandbox/policy/collect-rules.ts obeys).
 * Non-scope: the other entries of the user's profiles; `allowed_permission_profiles` decides which of them may be used.
 */
import { readFilesystem } from '../permissions/entries.js';
import { paths } from '../../system/files/paths.js';
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable, newTable, tableAt } from '../toml/value.js';
import type { FilesystemEntry, PermissionProfile } from '../permissions/permission-profile.js';
import type { TomlTable } from '../toml/value.js';

export interface ManagedPermissions {
  /** Profiles by name; null: none. */
  readonly profiles: TomlTable | null;
  /** As written: absolute paths, paths below `~`, or globs. */
  readonly denyRead: readonly string[];
}

/** The key of `[permissions]` that is not a profile. */
const FILESYSTEM = 'filesystem';
/** The rules of network-requirements.ts. */
const NETWORK = 'network';

/** `section`: types checked. Throws ConfigError. */
export function readManagedPermissions(section: TomlTable, source: string): ManagedPermissions {
  const { [FILESYSTEM]: _files, [NETWORK]: _network, ...rest } = section;
  const profiles = Object.assign(newTable(), rest);
  for (const name of Object.keys(profiles)) {
    if (name.startsWith(':')) {
      throw new ConfigError(`permissions profile \`${name}\` uses a reserved built-in profile prefix`, {
        origin: 'requirements',
      });
    }
    const parent = tableAt(profiles, name).extends;
    if (typeof parent !== 'string' || parent.startsWith(':') || isTable(profiles[parent])) continue;
    throw new ConfigError(
      `requirements.toml permissions profile \`${name}\` extends \`${parent}\`, which ${source} does not define: what it is built on must not be anybody else's`,
      { origin: 'requirements' },
    );
  }
  const list = tableAt(section, FILESYSTEM).deny_read;
  const denyRead = isList(list) ? list.filter((item): item is string => typeof item === 'string') : [];
  const relative = denyRead.find((place) => !paths.isAbsolute(place) && paths.inHome(place, '') === null);
  if (relative !== undefined) {
    throw new ConfigError(
      `invalid value for \`permissions.filesystem.deny_read\`: \`${relative}\` must be absolute or begin with \`~/\` (set by ${source})`,
      { origin: 'requirements', key: ['permissions', 'filesystem', 'deny_read'] },
    );
  }
  return { profiles: Object.keys(profiles).length === 0 ? null : profiles, denyRead };
}

/**
 * `[permissions]` of the configuration together with the managed profiles; undefined: neither exists. Throws
 * ConfigError if both define a profile of the same name.
 */
export function withManagedProfiles(config: TomlTable, managed: TomlTable | null): TomlTable | undefined {
  const own = isTable(config.permissions) ? config.permissions : undefined;
  if (managed === null) return own;
  const twice = Object.keys(managed).find((name) => own?.[name] !== undefined);
  if (twice !== undefined) {
    throw new ConfigError(
      `requirements.toml permissions profile \`${twice}\` conflicts with a config-defined profile of the same name`,
      { origin: 'requirements' },
    );
  }
  return Object.assign(newTable(), own, managed);
}

/** The denials as entries. `home`: the folder for `~`. Throws ConfigError. */
export function managedDenials(denyRead: readonly string[], home: string): readonly FilesystemEntry[] {
  const section = newTable();
  for (const place of denyRead) section[place] = 'deny';
  return [...readFilesystem(section, home).entries.values()].map((entry) => ({ ...entry, managed: true }));
}

/** The profile with the denials; the same object if it has them already, or if it is unrestricted. */
export function withDenials(profile: PermissionProfile, denials: readonly FilesystemEntry[]): PermissionProfile {
  const { filesystem } = profile;
  if (denials.length === 0 || filesystem.kind === 'unrestricted') return profile;
  const own = filesystem.entries.filter(({ managed }) => managed !== true);
  const present = filesystem.entries.filter(({ managed }) => managed === true);
  if (present.length === denials.length && present.every((entry, n) => entry === denials[n])) return profile;
  return { ...profile, filesystem: { ...filesystem, entries: [...own, ...denials] } };
}
