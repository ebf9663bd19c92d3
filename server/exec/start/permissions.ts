import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { DANGER_FULL_ACCESS } from '../../config/permissions/permission-profile.js';
import type { PermissionEnforcer, CommandSettings } from '../../config/settings/command-settings.js';

/** What one command may do: a profile with everything in it resolved. */
export interface CommandPermissions {
  readonly profile: PermissionProfile;
  /** What `:workspace_roots` stands for: absolute paths. */
  readonly workspaceRoots: readonly string[];
  readonly network: NetworkAccess;
  /** Whether a refused request ends the command. */
  readonly onNetworkDenial: 'cancel' | 'refuse';
}

/** A profile as the settings hold it to the network. Throws ConfigError when the network settings cannot be used. */
export function permissionsOf(
  settings: CommandSettings,
  profile: PermissionProfile,
  workspaceRoots: readonly string[],
): CommandPermissions {
  return {
    profile,
    workspaceRoots,
    network: settings.networkAccess(profile),
    onNetworkDenial: settings.codexd.commandExec.onNetworkDenial,
  };
}

/** What the requirements of this moment make of them. Throws ConfigError when they do not allow them. */
export function enforcedPermissions(asked: CommandPermissions, requirements: PermissionEnforcer): CommandPermissions {
  return { ...asked, ...requirements.enforce(asked) };
}

/** As the user would run it: no sandbox, the host's network, no marks (docs/protocol/exec.md §9). */
export const UNRESTRICTED: CommandPermissions = {
  profile: DANGER_FULL_ACCESS,
  workspaceRoots: [],
  network: { kind: 'direct' },
  onNetworkDenial: 'cancel',
};

/** Whether the command must run inside a sandbox for its permissions to hold. */
export function needsSandbox({ profile, network }: CommandPermissions): boolean {
  // A lane is entered through the sandbox, whatever the files.
  if (network.kind === 'proxied') return true;
  // Something else holds the command, says the client: only the marks are set (docs/protocol/exec.md §7).
  if (profile.enforcement === 'external') return false;
  return profile.filesystem.kind === 'restricted' || network.kind === 'offline';
}

/** Tells a command that it has no network (docs/protocol/exec.md §3). */
const OFFLINE_MARK = 'CODEX_SANDBOX_NETWORK_DISABLED';

/**
 * What a command is told about its permissions; null removes a name. Nothing that a request asks for overrides it.
 * `lane`: the proxy variables of the command's lane.
 */
export function permissionMarks(
  { profile, network }: CommandPermissions,
  lane: Readonly<Record<string, string>>,
): Record<string, string | null> {
  if (!profile.networkEnabled) return { ...lane, [OFFLINE_MARK]: '1' };
  return network.kind === 'proxied' ? { ...lane, [OFFLINE_MARK]: null } : {};
}
