import path from 'node:path';
import { DANGER_FULL_ACCESS, READ_ONLY, WORKSPACE_WRITE } from './permission-profile.js';
import { ConfigError } from '../../errors/config-error.js';
import { paths } from '../../system/files/paths.js';
import { isTable, newTable, tableAt } from '../toml/value.js';
import { mergeTables } from '../layers/merge.js';
import { readMitmHooks, secretFiles, type MitmHook } from './mitm-hooks.js';
import { refusedNetworkKey } from '../shape/enforcement.js';
import { readFilesystem, targetKey } from './entries.js';
import type { FilesystemEntry, PermissionProfile } from './permission-profile.js';
import type { TomlTable } from '../toml/value.js';

/** A profile with its network section. */
export interface ResolvedProfile {
  readonly profile: PermissionProfile;
  /** `[permissions.NAME.network]`, merged over those of its parents; empty for built-ins. */
  readonly network: TomlTable;
  /** About unknown special names, globs without a maximum depth, and an empty profile. */
  readonly warnings: readonly string[];
}

export const BUILT_IN_PROFILES: readonly PermissionProfile[] = [READ_ONLY, WORKSPACE_WRITE, DANGER_FULL_ACCESS];

/**
 * A pattern that cannot be denied, because it would deny every host: only exact hosts and scoped wildcards can
 * (docs/protocol/network.md §1).
 */
const DENY_ALL = '*';

/** `network.mitm.hooks.NAME`, as names. */
const HOOK_DEPTH = 4;

/** The key that leads to the profiles of a configuration. */
const REFERS = { key: ['default_permissions'] } as const;

/**
 * A profile by name. `permissions`: the `[permissions]` table of the effective configuration (types checked);
 * undefined: there is none. `home`: the folder for `~`. Throws ConfigError with the texts of docs/protocol/config.md
 * §8.
 */
export function resolveProfile(name: string, permissions: TomlTable | undefined, home: string): ResolvedProfile {
  if (permissions !== undefined) refuseReservedNames(permissions);
  const builtIn = BUILT_IN_PROFILES.find((profile) => profile.id === name);
  if (builtIn !== undefined) return { profile: builtIn, network: newTable(), warnings: [] };
  if (name.startsWith(':')) {
    throw new ConfigError(`default_permissions refers to unknown built-in profile \`${name}\``, REFERS);
  }
  if (permissions === undefined) throw new ConfigError('default_permissions requires a `[permissions]` table', REFERS);
  if (!isTable(permissions[name])) {
    throw new ConfigError(`default_permissions refers to undefined profile \`${name}\``, REFERS);
  }
  return resolveChain(inheritance(name, permissions), permissions, home);
}

/** Whether there is a profile of that name, built-in or in `permissions`. */
export const isDefined = (id: string, permissions: TomlTable | undefined): boolean =>
  BUILT_IN_PROFILES.some((profile) => profile.id === id) || isTable(permissions?.[id]);

/** Names of configured profiles, sorted, with their descriptions. */
export function configuredProfiles(permissions: TomlTable | undefined): { id: string; description: string | null }[] {
  if (permissions === undefined) return [];
  return Object.keys(permissions)
    .sort()
    .map((id) => {
      const description = tableAt(permissions, id).description;
      return { id, description: typeof description === 'string' ? description : null };
    });
}

function refuseReservedNames(permissions: TomlTable): void {
  const reserved = Object.keys(permissions).find((name) => name.startsWith(':'));
  if (reserved !== undefined) {
    throw new ConfigError(`permissions profile \`${reserved}\` uses a reserved built-in profile prefix`, REFERS);
  }
}

interface Chain {
  /** The profile itself first, then its parents. */
  readonly names: readonly string[];
  readonly base: PermissionProfile | null;
}

function inheritance(name: string, permissions: TomlTable): Chain {
  const names = [name];
  for (let child = name; ;) {
    const parent = tableAt(permissions, child).extends;
    if (typeof parent !== 'string') return { names, base: null };
    if (parent === ':read-only') return { names, base: READ_ONLY };
    if (parent === ':workspace') return { names, base: WORKSPACE_WRITE };
    if (parent.startsWith(':')) {
      const known = BUILT_IN_PROFILES.some((profile) => profile.id === parent);
      throw new ConfigError(
        known
          ? `permissions profile \`${child}\` cannot extend unsupported built-in profile \`${parent}\``
          : `permissions profile \`${child}\` extends unknown built-in profile \`${parent}\``,
        REFERS,
      );
    }
    if (!isTable(permissions[parent])) {
      throw new ConfigError(`permissions profile \`${child}\` extends undefined profile \`${parent}\``, REFERS);
    }
    if (names.includes(parent)) {
      const cycle = [...names.slice(names.indexOf(parent)), parent].join(' -> ');
      throw new ConfigError(`permissions profile inheritance cycle detected: ${cycle}`);
    }
    names.push(parent);
    child = parent;
  }
}

function resolveChain(chain: Chain, permissions: TomlTable, home: string): ResolvedProfile {
  const entries = new Map<string, FilesystemEntry>();
  const warnings: string[] = [];
  const roots = new Map<string, boolean>();
  let depth: number | null = null;
  let network = newTable();
  if (chain.base?.filesystem.kind === 'restricted') {
    for (const entry of chain.base.filesystem.entries) entries.set(targetKey(entry.target), entry);
  }
  const [id = ''] = chain.names;
  for (const name of [...chain.names].reverse()) {
    const table = tableAt(permissions, name);
    const section = readFilesystem(tableAt(table, 'filesystem'), home);
    for (const [key, entry] of section.entries) entries.set(key, entry);
    depth = section.globScanMaxDepth ?? depth;
    warnings.push(...section.warnings);
    for (const [root, on] of Object.entries(tableAt(table, 'workspace_roots'))) roots.set(root, on === true);
    network = mergeTables(network, tableAt(table, 'network'));
  }
  refuseDenyAll(tableAt(network, 'domains'));
  const refused = refusedNetworkKey(network);
  if (refused !== null) {
    throw new ConfigError(
      `permissions profile \`${id}\` has \`network.${refused}\`, which this version of codexd cannot enforce; take it out of the profile or use another one`,
    );
  }
  // A command must not read what hooks add to its requests.
  for (const file of secretFiles(hooksOf(network, chain.names, permissions))) {
    const target = { kind: 'path', path: paths.normal(file) } as const;
    entries.set(targetKey(target), { target, access: 'deny' });
  }
  if (entries.size === 0) warnings.push(emptyProfile(id));
  const own = tableAt(permissions, id);
  return {
    profile: {
      id,
      extends: typeof own.extends === 'string' ? own.extends : null,
      filesystem: {
        kind: 'restricted',
        entries: withWorkspaceRoots([...entries.values()], roots, home),
        globScanMaxDepth: depth,
      },
      networkEnabled: network.enabled === true,
      enforcement: 'ours',
    },
    network,
    warnings,
  };
}

/** The hooks; a mistake in one is named at the nearest of the profiles that has the hook or action. */
function hooksOf(network: TomlTable, names: readonly string[], permissions: TomlTable): readonly MitmHook[] {
  try {
    return readMitmHooks(network);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.key === null) throw error;
    const place = error.key.slice(0, HOOK_DEPTH);
    const owner = names.find((name) => Object.keys(place.reduce(tableAt, tableAt(permissions, name))).length > 0);
    throw new ConfigError(error.message, { key: ['permissions', owner ?? names[0] ?? '', ...error.key] });
  }
}

/** Entries for the workspace roots also apply to the further roots of the profile. */
function withWorkspaceRoots(
  entries: readonly FilesystemEntry[],
  roots: ReadonlyMap<string, boolean>,
  home: string,
): FilesystemEntry[] {
  const all = [...entries];
  for (const [written, on] of roots) {
    if (!on) continue;
    const place = written === '~' ? null : paths.inHome(written, home);
    if (place === null && !paths.isAbsolute(written)) {
      throw new ConfigError(`workspace root \`${written}\` must be absolute or use \`~/...\``);
    }
    const root = path.normalize(place ?? written);
    for (const { target, access } of entries) {
      if (target.kind === 'workspaceRoots') {
        all.push({ target: { kind: 'path', path: path.join(root, target.subpath) }, access });
      } else if (target.kind === 'glob' && target.base === null) {
        all.push({ target: { ...target, base: root }, access });
      }
    }
  }
  return all;
}

/** Throws ConfigError for `"*" = "deny"`, even if the network is off. */
export function refuseDenyAll(domains: TomlTable): void {
  if (domains[DENY_ALL] !== 'deny') return;
  throw new ConfigError(
    'network proxy constraints are invalid: invalid value for network.denied_domains: * (allowed exact hosts or scoped wildcards like *.example.com or **.example.com)',
  );
}

function emptyProfile(name: string): string {
  return `Permissions profile \`${name}\` does not define any recognized filesystem entries for this version of Codex. Filesystem access will remain restricted. Upgrade Codex if this profile expects filesystem permissions.`;
}
