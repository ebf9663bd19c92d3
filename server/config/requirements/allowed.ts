import { ConfigError } from '../settings.js';
import { pascalCase } from './requirements.js';
import type { PermissionProfile } from '../permission-profile.js';
import type { Requirements, SandboxModeName } from './requirements.js';

/**
 * Which legacy mode a profile amounts to: what `allowed_sandbox_modes` is compared with. A profile that may write
 * anywhere it names is workspace-write; one that may write everything is full access.
 */
export function sandboxModeOf(profile: PermissionProfile): SandboxModeName {
  if (profile.enforcement === 'external') return 'external-sandbox';
  if (profile.filesystem.kind === 'unrestricted') return 'danger-full-access';
  const { entries } = profile.filesystem;
  const writes = entries.filter(({ access }) => access === 'write');
  if (writes.length === 0) return 'read-only';
  const everything = writes.some(
    ({ target }) => target.kind === 'root' || (target.kind === 'path' && target.path === '/'),
  );
  return everything && writes.length === entries.length ? 'danger-full-access' : 'workspace-write';
}

/** Throws ConfigError when the requirements do not allow the profile (spec/config.md §7). */
export function assertModeAllowed(profile: PermissionProfile, requirements: Requirements): void {
  const refusal = modeRefusal(profile, requirements);
  if (refusal !== null) throw new ConfigError(refusal);
}

/** ``invalid value for `sandbox_mode`: …``, or null when the mode is allowed. */
export function modeRefusal(profile: PermissionProfile, requirements: Requirements): string | null {
  const { sandboxModes, source } = requirements;
  const mode = sandboxModeOf(profile);
  if (sandboxModes === null || sandboxModes.includes(mode)) return null;
  const allowed = sandboxModes.map(pascalCase).join(', ');
  return `invalid value for \`sandbox_mode\`: \`${pascalCase(mode)}\` is not in the allowed set [${allowed}] (set by ${source})`;
}

/** Throws ConfigError when the requirements allow a profile that nobody has defined, or contradict themselves. */
export function assertConsistent(requirements: Requirements, defined: (id: string) => boolean): void {
  if (requirements.contradiction !== null) throw new ConfigError(requirements.contradiction);
  const { permissionProfiles: profiles } = requirements;
  const missing = Object.keys(profiles ?? {}).find((id) => profiles?.[id] === true && !defined(id));
  if (missing === undefined) return;
  throw new ConfigError(`requirements.toml allowed_permission_profiles refers to undefined profile \`${missing}\``);
}

/** Whether `allowed_permission_profiles` lets a profile be used; profiles that are not listed are not allowed. */
export function profileAllowed(id: string, requirements: Requirements): boolean {
  return requirements.permissionProfiles === null || requirements.permissionProfiles[id] === true;
}
