import { fromSandboxPolicy } from './legacy-sandbox-policy.js';
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable, newTable, tableAt } from '../toml/value.js';
import { resolveProfile } from './profiles.js';
import type { PermissionProfile } from './permission-profile.js';
import type { Layer } from '../layers/layer.js';
import type { SandboxPolicy } from './legacy-sandbox-policy.js';
import type { TomlTable, TomlValue } from '../toml/value.js';
import type { ResolvedProfile } from './profiles.js';

export type SandboxMode = 'read-only' | 'workspace-write' | 'danger-full-access';

/** What a configuration selects when nobody asks for anything else. */
export interface Selection {
  readonly layers: readonly Layer[];
  readonly table: TomlTable;
  /** All profiles there are by name, those of the requirements too; undefined: no table. */
  readonly permissions: TomlTable | undefined;
  /** Whether the project has a trust entry at all: then the default is to let it write (docs/protocol/config.md §4). */
  readonly trust: 'trusted' | 'untrusted' | null;
  readonly home: string;
  /** The `default_permissions` of the managed requirements: what counts where nothing is configured. */
  readonly required: string | null;
  /** What a client asked for by parameter; it counts before everything configured. */
  readonly asked?: AskedPermissions | undefined;
}

/**
 * `permissions` or `sandbox` of a request that starts a thread; `profile`: what a thread had before, or a whole policy.
 */
export type AskedPermissions =
  { readonly permissions: string } | { readonly sandbox: SandboxMode } | { readonly profile: PermissionProfile };

/**
 * The configured profile (docs/protocol/config.md §8): of `default_permissions` and `sandbox_mode` the one in the
 * higher layer counts, within one layer `default_permissions`. Throws ConfigError.
 */
export function selectProfile(selection: Selection): ResolvedProfile {
  const { table, home, permissions } = selection;
  const { asked } = selection;
  if (asked !== undefined && 'permissions' in asked) return resolveProfile(asked.permissions, permissions, home);
  if (asked !== undefined && 'profile' in asked) return { profile: asked.profile, network: newTable(), warnings: [] };
  const name = table.default_permissions;
  const mode = asked?.sandbox ?? table.sandbox_mode;
  if (asked === undefined && typeof name === 'string' && !modeIsHigher(selection.layers))
    return resolveProfile(name, permissions, home);
  if (permissions !== undefined) refuseUnusable(permissions, home);
  if (mode !== undefined) return legacyProfile(mode as SandboxMode, table);
  if (selection.required !== null) return resolveProfile(selection.required, permissions, home);
  // Profiles of the administrator are there to be chosen; they do not say that the user has to.
  if (isTable(table.permissions) && Object.keys(table.permissions).length > 0) {
    throw new ConfigError('config defines `[permissions]` profiles but does not set `default_permissions`');
  }
  // The reference lets an untrusted project write by default, too; a project that is not trusted stays read-only here.
  return resolveProfile(selection.trust === 'trusted' ? ':workspace' : ':read-only', permissions, home);
}

/** A legacy mode with the settings of `[sandbox_workspace_write]`. */
export function legacyProfile(mode: SandboxMode, table: TomlTable): ResolvedProfile {
  return { profile: fromSandboxPolicy(legacyPolicy(mode, table)), network: newTable(), warnings: [] };
}

/** The wire's policy that a legacy mode means. */
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

/** Reserved names are an error even where no profile is used. */
function refuseUnusable(permissions: TomlTable, home: string): void {
  resolveProfile(':read-only', permissions, home);
}

const texts = (value: TomlValue | undefined): string[] =>
  isList(value) ? value.filter((item): item is string => typeof item === 'string') : [];
