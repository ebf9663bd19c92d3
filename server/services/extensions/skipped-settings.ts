/**
 * Configured guards and extensions of threads that codexd does not run, or not as they are configured. Nobody shall
 * rely on a hook that blocks commands, or on a server, when codexd does not run it.
 */
import type { ConfigService } from '../../config/settings/config-service.js';
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { isAllowed } from '../../sessions/mcp/shape/allowed-servers.js';
import { mcpServerConfigs } from '../../sessions/mcp/shape/server-config.js';
import { serverRequirements } from '../../sessions/mcp/shape/server-requirements.js';
import { activePlugins, missingPlugins, type ActivePlugin } from '../../plugins/active-plugins.js';
import { allHooks } from '../../plugins/all-hooks.js';
import { pluginServers } from '../../plugins/plugin-servers.js';
import { skippedHooks, type SkippedSetting } from './skipped-hooks.js';

export type { SkippedSetting };

/** One text for each kind, for a `configWarning`. Empty when codexd skips nothing. */
export function skippedSettings(source: ConfigService): readonly SkippedSetting[] {
  const resolved = source.resolve(source.sources.cwd);
  const { effective, problem } = resolved;
  if (problem !== null) return [];
  const plugins = activePlugins(resolved);
  return [
    ...skippedHooks(allHooks(resolved)),
    ...serversThatAreNotAllowed(source, effective.table, plugins),
    ...[...missingPlugins(resolved), ...pluginServers(plugins, effective.table).warnings].map((summary) => ({
      summary,
      details: 'Correct it in the marketplace and install the plugin again, or set `enabled = false` for the plugin.',
    })),
    ...skippedServerKeys(effective.table),
  ];
}

function serversThatAreNotAllowed(
  source: ConfigService,
  table: TomlTable,
  plugins: readonly ActivePlugin[],
): readonly SkippedSetting[] {
  const required = serverRequirements(source);
  const off = mcpServerConfigs(table, plugins).filter((config) => config.enabled && !isAllowed(config, required));
  if (off.length === 0) return [];
  return [
    {
      summary: `the requirements of this machine do not allow the MCP servers ${off.map(({ name }) => `\`${name}\``).join(', ')}: they are off`,
      details: 'Ask who sets the requirements to name them under `[mcp_servers]`, or set `enabled = false` for them.',
    },
  ];
}

/** Keys of a server that codexd does not do, with what that means and the way out. */
const SERVER_KEYS: readonly {
  readonly keys: readonly string[];
  /** A value that codexd does. */
  readonly usual?: string;
  readonly summary: string;
  readonly details: string;
}[] = [
  {
    keys: ['auth'],
    usual: 'oauth',
    summary: 'codexd logs in to MCP servers with OAuth and in no other way',
    details: 'Remove the key, or give the server a token: `bearer_token_env_var` or `env_http_headers`.',
  },
  {
    keys: ['name', 'omit_tools_from'],
    summary: 'codexd offers MCP servers by the names of their tables, to every model',
    details: 'Remove the key; leave single tools out with `disabled_tools`.',
  },
];

function skippedServerKeys(table: TomlTable): readonly SkippedSetting[] {
  const servers = tableAt(table, 'mcp_servers');
  const enabled = Object.entries(servers).flatMap(([name, server]) =>
    isTable(server) && server.enabled !== false ? [[name, server] as const] : [],
  );
  const byKey = SERVER_KEYS.flatMap(({ keys, usual, summary, details }) => {
    const found = enabled.flatMap(([name, server]) =>
      keys
        .filter((key) => server[key] !== undefined && server[key] !== usual)
        .map((key) => `\`mcp_servers.${name}.${key}\``),
    );
    return found.length === 0 ? [] : [{ summary: `${summary}: ${found.join(', ')} has no effect`, details }];
  });
  const elsewhere = enabled.flatMap(([name, { environment_id: place }]) =>
    typeof place === 'string' && place !== 'local' ? [`\`${name}\` (environment_id = "${place}")`] : [],
  );
  if (elsewhere.length === 0) return byKey;
  const summary = `codexd runs MCP servers on this machine only, and does not start ${elsewhere.join(', ')}`;
  return [...byKey, { summary, details: 'Set it to "local", or set `enabled = false` for the server.' }];
}
