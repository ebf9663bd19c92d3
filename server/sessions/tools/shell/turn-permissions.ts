/** What the commands of a turn may do, and whether the requirements let one run without the sandbox. */
import { ConfigError } from '../../../errors/config-error.js';
import { HAS_NO_SANDBOX } from '../../../system/programs/file-scripts.js';
import { needsSandbox, permissionsOf, UNRESTRICTED, type CommandPermissions } from '../../../exec/start/permissions.js';
import type { ThreadState } from '../../live/live-thread.js';

/**
 * The turn's profile with its network settings. A denial ends the command. A turn with full access has neither sandbox
 * nor proxy (docs/protocol/network.md §4); a client's own command/exec keeps the proxy (docs/protocol/network.md §6).
 */
export function turnPermissions(state: ThreadState): CommandPermissions {
  const { profile } = state;
  if (profile.filesystem.kind === 'unrestricted' && profile.enforcement === 'ours' && profile.networkEnabled)
    return { ...UNRESTRICTED, profile };
  return { ...permissionsOf(state.settings, state.profile, state.runtimeWorkspaceRoots), onNetworkDenial: 'cancel' };
}

/**
 * The permissions of the small programs that read and write files for a turn: the turn's, without a network. A system
 * without any sandbox cannot take the network away; there they have the turn's own, or are refused as its commands.
 */
export function scriptPermissions(state: ThreadState): CommandPermissions {
  const own = turnPermissions(state);
  return HAS_NO_SANDBOX && !needsSandbox(own) ? own : { ...own, network: { kind: 'offline' } };
}

/** Why the requirements forbid commands without the sandbox; null: they allow them. */
export function sandboxKept({ settings }: ThreadState): string | null {
  try {
    settings.assertAllowed(UNRESTRICTED.profile);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
