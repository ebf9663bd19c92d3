/**
 * The permissions of an MCP server's process (docs/protocol/services.md §7, "Permissions").
 *
 * Threat: a server that shall be confined runs without its sandbox, or with the permissions of an earlier
 * configuration.
 * Rule: the profile is found by its name each time the server starts, in the thread's configuration and under the
 * requirements. A name that leads to no usable profile is an error, and the server does not start.
 * Scope: servers that are programs.
 * Non-scope: whether this machine can enforce the profile, and requirements that forbid to run without one: the
 * supervisor refuses those at the start (exec/supervisor.ts).
 */
import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import type { CommandSettings } from '../../config/settings/command-settings.js';
import { ConfigError } from '../../errors/config-error.js';
import { permissionsOf, UNRESTRICTED, type CommandPermissions } from '../../exec/start/permissions.js';
import type { McpServerConfig } from './shape/server-config.js';

/** Whose configuration counts: a thread's, or the daemon's. */
export interface ServerAccess {
  readonly settings: Pick<CommandSettings, 'profile' | 'assertAllowed' | 'networkAccess' | 'codexd'>;
  /** What `:workspace_roots` of the profile are. */
  readonly roots: readonly string[];
}

/** Also the network access by which people are asked about its requests. */
export interface ServerPermissions {
  readonly permissions: CommandPermissions;
  readonly network: NetworkAccess;
}

/** Throws ConfigError, which names the server and the profile. */
export function serverPermissions(
  { name, permissions }: Pick<McpServerConfig, 'name' | 'permissions'>,
  { settings, roots }: ServerAccess,
): ServerPermissions {
  if (permissions === null) return { permissions: UNRESTRICTED, network: withoutProfile(settings) };
  try {
    const profile = settings.profile(permissions);
    settings.assertAllowed(profile);
    const found = permissionsOf(settings, profile, roots);
    return { permissions: found, network: found.network };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      `mcp_servers.${name}.permissions names the profile "${permissions}", which cannot be used: ${error.message}`,
      { origin: error.origin, key: ['mcp_servers', name, 'permissions'] },
    );
  }
}

/** Requirements can put every command on a network lane (config/settings/enforce-requirements.ts). */
function withoutProfile(settings: ServerAccess['settings']): NetworkAccess {
  try {
    return settings.networkAccess(UNRESTRICTED.profile);
  } catch (error) {
    if (error instanceof ConfigError) return UNRESTRICTED.network;
    throw error;
  }
}
