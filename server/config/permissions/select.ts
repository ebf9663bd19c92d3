import { fromSandboxPolicy } from './legacy-sandbox-policy.js';
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable, newTable, tableAt } from '../toml/value.js';
import { resolveProfile } from './profiles.js';
import type { PermissionProfile } from './permission-profile.js';
import type { Layer } from '../layers/layer.js';
import type { SandboxPolicy } from './legacy-sandbox-policy.js';
import type { TomlTable, TomlValue } from '../toml/value.js';
import type { ResolvedProfile } from './profiles.js';

export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** The facts that decide which profile is selected. */
export interface Selection {
  readonly layers: readonly Layer[];
  readonly table: TomlTable;
  /** All profiles by name, those of the requirements included; undefined: no table. */
  readonly permissions: TomlTable | undefined;
  /** The trust level of the project: the default of a trusted one is `:workspace` (docs/protocol/config.md §4). */
  readonly trust: 'trusted' | 'untrusted' | null;
  readonly home: string;
  /** `default_permissions` of the requirements: counts if nothing is configured. */
  readonly required: string | null;
  /** The parameter of a client's request; it has precedence over the configuration. */
  readonly asked?: AskedPermissions | undefined;
  /** For tests of one system on the other. */
  readonly platform?: NodeJS.Platform;
}

/**
 * `permissions` or `sandbox` of a request that starts a thread; `profile`: the earlier profile of a thread, or a
 * policy.
 */
export type AskedPermissions =
  { readonly permissions: string } | { readonly sandbox: SandboxMode } | { readonly profile: PermissionProfile };

/**
 * The configured profile (docs/protocol/config.md §8). Of `default_permissions` and `sandbox_mode` the one in the
 * higher layer counts; in the same layer, `default_permissions`. Throws ConfigError.
 */
export function selectProfile(selection: Selection): ResolvedProfile {
  const { table, home, permissions } = selection;
  const { asked, platform = process.platform } = selection;
  if (asked !== undefined && 'permissions' in asked) return resolveProfile(asked.permissions, permissions, home);
  if (asked !== undefined && 'profile' in asked) return { profile: asked.profile, network: newTable(), warnings: [] };
  const name = table.default_permissions;
  const mode = asked?.sandbox ?? table.sandbox_mode;
  if (asked === undefined && typeof name === 'string' && !modeIsHigher(selection.layers))
    return resolveProfile(name, permissions, home);
  if (permissions !== undefined) refuseUnusable(permissions, home);
  if (mode !== undefined) return legacyProfile(possibleMode(mode as SandboxMode, table, platform), table);
  if (selection.required !== null) return resolveProfile(selection.required, permissions, home);
  // Profiles of the administrator do not oblige the user to set `default_permissions`.
  if (isTable(table.permissions) && Object.keys(table.permissions).length > 0) {
    throw new ConfigError('config defines `[permissions]` profiles but does not set `default_permissions`');
  }
  // Stricter than the reference, whose default is `:workspace` for an untrusted project as well.
  return resolveProfile(selection.trust === 'trusted' ? ':workspace' : ':read-only', permissions, home);
}

/**
 * Windows has a sandbox only after `[windows] sandbox` chose one. Until then `workspace-write` is `read-only`, so that
 * a client is asked about what would have to be refused (docs/protocol/config.md §8).
 */
const possibleMode = (mode: SandboxMode, table: TomlTable, platform: NodeJS.Platform): SandboxMode =>
  platform === 'win32' && mode === 'workspace-write' && tableAt(table, 'windows').sandbox === undefined
    ? 'read-only'
    : mode;

/** A legacy mode with the settings of `[sandbox_workspace_write]`. */
export function legacyProfile(mode: SandboxMode, table: TomlTable): ResolvedProfile {
  return { profile: fromSandboxPolicy(legacyPolicy(mode, table)), network: newTable(), warnings: [] };
}

/** The protocol's policy that corresponds to a legacy mode. */
export function legacyPolicy(mode: SandboxMode, table: TomlTable): SandboxPolicy {
  if (mode === 'danger-full-access') return { type: 'dangerFullAccess' };
  if (mode === 'read-only') return { type: 'readOnly', networkAccess: false };
  const section = tableAt(table, 'sandbox_workspace_write');
  return {
    type: 'workspaceWrite',
    writableRoots: texts(section.writable_roots),
    networkAccess: section.network_access === true,
    excludeTmpdirEnvVar: section.exclude_tmpdir_env_var === true,
    excludeSlashTmp: section.exclude_slash_tmp === true,
  };
}

function modeIsHigher(layers: readonly Layer[]): boolean {
  for (const layer of [...layers].reverse()) {
    if (layer.disabledReason !== null) continue;
    if (layer.table.default_permissions !== undefined) return false;
    if (layer.table.sandbox_mode !== undefined) return true;
  }
  return false;
}

/** Reserved names are an error even if no profile is used. */
function refuseUnusable(permissions: TomlTable, home: string): void {
  resolveProfile(':read-only', permissions, home);
}

const texts = (value: TomlValue | undefined): string[] =>
  isList(value) ? value.filter((item): item is string => typeof item === 'string') : [];
