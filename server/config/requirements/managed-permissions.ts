/**
 * `[permissions]` of the requirements: profiles that an administrator defines, and what no command may read.
 *
 * Threat: a user or a project defines a profile of the same name, or the one that a managed profile is built on; a path
 * of another profile lies inside of a denied one, and the nearest entry would count.
 * Rule: a name is defined in one place, or nothing is used; a managed profile is built on built-in and managed ones
 * only; a managed denial holds for every profile, and nothing inside of it is granted (`managed` of the entry, which
 * sandbox/policy/rules.ts obeys). Non-scope: what else the user's own profiles say: `allowed_permission_profiles`
 * decides which of them may be used.
 */
import path from 'node:path';
import { readFilesystem } from '../permissions/entries.js';
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable, newTable, tableAt } from '../toml/value.js';
import type { FilesystemEntry, PermissionProfile } from '../permissions/permission-profile.js';
import type { TomlTable } from '../toml/value.js';

export interface ManagedPermissions {
  /** Profiles by name; null: none. */
  readonly profiles: TomlTable | null;
  /** As written: absolute, or below `~`; globs, too. */
  readonly denyRead: readonly string[];
}

/** The key of `[permissions]` that is no profile. */
const FILESYSTEM = 'filesystem';

/** `section`: types checked. Throws ConfigError. */
export function readManagedPermissions(section: TomlTable, source: string): ManagedPermissions {
  const { [FILESYSTEM]: _files, ...rest } = section;
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
  const relative = denyRead.find((place) => !path.isAbsolute(place) && place !== '~' && !place.startsWith('~/'));
  if (relative !== undefined) {
    throw new ConfigError(
      `invalid value for \`permissions.filesystem.deny_read\`: \`${relative}\` must be absolute or begin with \`~/\` (set by ${source})`,
      { origin: 'requirements', key: ['permissions', 'filesystem', 'deny_read'] },
    );
  }
  return { profiles: Object.keys(profiles).length === 0 ? null : profiles, denyRead };
}

/**
 * `[permissions]` of the configuration with the managed profiles in it; undefined when there is neither. Throws
 * ConfigError when both define one.
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

/** The denials as entries. `home`: what `~` stands for. Throws ConfigError. */
export function managedDenials(denyRead: readonly string[], home: string): readonly FilesystemEntry[] {
  const section = newTable();
  for (const place of denyRead) section[place] = 'deny';
  return [...readFilesystem(section, home).entries.values()].map((entry) => ({ ...entry, managed: true }));
}

/** The profile with the denials in it; the same object when they are there already, or there is nothing to confine. */
export function withDenials(profile: PermissionProfile, denials: readonly FilesystemEntry[]): PermissionProfile {
  const { filesystem } = profile;
  if (denials.length === 0 || filesystem.kind === 'unrestricted') return profile;
  const own = filesystem.entries.filter(({ managed }) => managed !== true);
  const held = filesystem.entries.filter(({ managed }) => managed === true);
  if (held.length === denials.length && held.every((entry, n) => entry === denials[n])) return profile;
  return { ...profile, filesystem: { ...filesystem, entries: [...own, ...denials] } };
}
