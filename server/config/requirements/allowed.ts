import { ConfigError } from '../../errors/config-error.js';
import { paths } from '../../system/files/paths.js';
import { pascalCase } from './requirements.js';
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { Requirements, SandboxModeName } from './requirements.js';

/**
 * The legacy mode that corresponds to a profile, for comparison with `allowed_sandbox_modes`. A profile that may write
 * some paths is workspace-write; a profile that may write all paths is full access.
 */
export function sandboxModeOf(profile: PermissionProfile): SandboxModeName {
  if (profile.enforcement === 'external') return 'external-sandbox';
  if (profile.filesystem.kind === 'unrestricted') return 'danger-full-access';
  const { entries } = profile.filesystem;
  const writes = entries.filter(({ access }) => access === 'write');
  if (writes.length === 0) return 'read-only';
  const everything = writes.some(
    ({ target }) => target.kind === 'root' || (target.kind === 'path' && paths.isRoot(target.path)),
  );
  return everything && writes.length === entries.length ? 'danger-full-access' : 'workspace-write';
}

/**
 * Throws ConfigError if the requirements do not allow a profile, by its name or by its legacy mode
 * (docs/protocol/config.md §7). For a policy without a name, the built-in profile with the same permissions counts.
 */
export function assertAllowed(profile: PermissionProfile, requirements: Requirements): void {
  const refusal = modeRefusal(profile, requirements) ?? profileRefusal(profile, requirements);
  if (refusal !== null) throw new ConfigError(refusal, { origin: 'requirements' });
}

/** Why `allowed_permission_profiles` does not allow a profile; null: it does. */
export function profileRefusal(profile: PermissionProfile, requirements: Requirements): string | null {
  const { permissionProfiles, source } = requirements;
  const name = profile.id ?? equivalent(profile);
  if (profileAllowed(name, requirements)) return null;
  const allowed = Object.keys(permissionProfiles ?? {}).filter((id) => permissionProfiles?.[id] === true);
  return `Configured value for \`permission_profile\` is disallowed by requirements; \`${name}\` is not in the allowed set [${allowed.join(', ')}] (set by ${source})`;
}

/** The most restrictive built-in profile that grants everything that the policy grants. */
function equivalent(profile: PermissionProfile): string {
  const mode = sandboxModeOf(profile);
  if (mode === 'read-only' && !profile.networkEnabled) return ':read-only';
  const { filesystem } = profile;
  const further =
    filesystem.kind === 'restricted' &&
    filesystem.entries.some(({ target, access }) => access === 'write' && target.kind === 'path');
  return mode === 'workspace-write' && !profile.networkEnabled && !further ? ':workspace' : ':danger-full-access';
}

/** The modes in which codexd can hide files from commands. */
const CONFINED: readonly SandboxModeName[] = ['read-only', 'workspace-write'];

/** ``invalid value for `sandbox_mode`: …``, or null when the mode is allowed. */
export function modeRefusal(profile: PermissionProfile, requirements: Requirements): string | null {
  const { permissions, source } = requirements;
  const mode = sandboxModeOf(profile);
  const asked = requirements.sandboxModes;
  const sandboxModes =
    permissions.denyRead.length === 0 ? asked : CONFINED.filter((one) => asked === null || asked.includes(one));
  if (sandboxModes === null || sandboxModes.includes(mode)) return null;
  const allowed = sandboxModes.map(pascalCase).join(', ');
  return `invalid value for \`sandbox_mode\`: \`${pascalCase(mode)}\` is not in the allowed set [${allowed}] (set by ${source})`;
}

/** Throws ConfigError if the requirements allow a profile that is not defined. */
export function assertConsistent(requirements: Requirements, defined: (id: string) => boolean): void {
  const { permissionProfiles: profiles } = requirements;
  const missing = Object.keys(profiles ?? {}).find((id) => profiles?.[id] === true && !defined(id));
  if (missing === undefined) return;
  throw new ConfigError(`requirements.toml allowed_permission_profiles refers to undefined profile \`${missing}\``, {
    origin: 'requirements',
    key: ['default_permissions'],
  });
}

/** Whether `allowed_permission_profiles` allows a profile; a profile that is not listed is not allowed. */
export function profileAllowed(id: string, requirements: Requirements): boolean {
  return requirements.permissionProfiles === null || requirements.permissionProfiles[id] === true;
}
