/**
 * The MCP servers of a configuration under the requirements of an administrator (docs/protocol/config.md §6).
 *
 * Threat: a server that the administrator did not allow, under the name of one that they did. Rule: where requirements
 * name servers, every other one is off; one that they name has to be the same program or the same address. What cannot
 * be read allows nothing. Non-scope: what an allowed server does.
 */
import { isTable, tableAt, type TomlTable } from '../../../config/toml/value.js';
import type { ActivePlugin } from '../../../plugins/active-plugins.js';
import { mcpServerConfigs, type McpServerConfig } from './server-config.js';

/** `[mcp_servers]` of the requirements; null: they do not speak of servers. */
export type ServerRequirements = TomlTable | null;

/** Those that are not allowed are off. */
export function allowedServers(
  table: TomlTable,
  required: ServerRequirements,
  plugins: readonly ActivePlugin[],
): readonly McpServerConfig[] {
  return mcpServerConfigs(table, plugins).map((config) =>
    isAllowed(config, required) ? config : { ...config, enabled: false },
  );
}

export function isAllowed({ name, transport }: McpServerConfig, required: ServerRequirements): boolean {
  if (required === null) return true;
  if (!isTable(required[name])) return false;
  const { command, url } = tableAt(tableAt(required, name), 'identity');
  return transport.kind === 'stdio'
    ? command === transport.command && url === undefined
    : url === transport.url && command === undefined;
}
