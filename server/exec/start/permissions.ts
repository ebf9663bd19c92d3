import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { DANGER_FULL_ACCESS } from '../../config/permissions/permission-profile.js';
import { HAS_PROCESS_LIST } from '../../system/programs/process-list.js';
import type { PermissionEnforcer, CommandSettings } from '../../config/settings/command-settings.js';

/** The permissions of one command: a profile with all its parts resolved. */
export interface CommandPermissions {
  readonly profile: PermissionProfile;
  /** The absolute paths that replace `:workspace_roots`. */
  readonly workspaceRoots: readonly string[];
  readonly network: NetworkAccess;
  /** Whether a refused request ends the command. */
  readonly onNetworkDenial: 'cancel' | 'refuse';
}

/**
 * Returns a profile's permissions, with its network access under the settings. Throws ConfigError when the network
 * settings cannot be used.
 */
export function permissionsOf(
  settings: Pick<CommandSettings, 'networkAccess' | 'codexd'>,
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

/** Applies the current requirements. Throws ConfigError when they do not allow these permissions. */
export function enforcedPermissions(asked: CommandPermissions, requirements: PermissionEnforcer): CommandPermissions {
  return { ...asked, ...requirements.enforce(asked) };
}

/** No sandbox, the host's network, no marks: as if the user ran the command (docs/protocol/exec.md §9). */
export const UNRESTRICTED: CommandPermissions = {
  profile: DANGER_FULL_ACCESS,
  workspaceRoots: [],
  network: { kind: 'direct' },
  onNetworkDenial: 'cancel',
};

/** Whether these permissions require a sandbox. */
export function needsSandbox({ profile, network }: CommandPermissions): boolean {
  // A lane is entered through the sandbox, whatever the file permissions are.
  if (network.kind === 'proxied') return true;
  // The client declares that another program confines the command: only the marks are set (docs/protocol/exec.md §7).
  if (profile.enforcement === 'external') return false;
  return profile.filesystem.kind === 'restricted' || network.kind === 'offline';
}

/** Whether its processes end with the daemon by themselves: on Linux those of a sandbox do. */
export const endsWithDaemon = (permissions: CommandPermissions): boolean =>
  needsSandbox(permissions) && !HAS_PROCESS_LIST;

/** Marks a command that has no network (docs/protocol/exec.md §3). */
const OFFLINE_MARK = 'CODEX_SANDBOX_NETWORK_DISABLED';

/**
 * The environment variables that describe the permissions to the command; null removes a name. No request can override
 * them. `lane`: the proxy variables of the command's lane.
 */
export function permissionMarks(
  { profile, network }: CommandPermissions,
  lane: Readonly<Record<string, string>>,
): Record<string, string | null> {
  if (!profile.networkEnabled) return { ...lane, [OFFLINE_MARK]: '1' };
  return network.kind === 'proxied' ? { ...lane, [OFFLINE_MARK]: null } : {};
}
