/**
 * Configured guards and extensions of threads that codexd does not run. Nobody shall rely on a hook that blocks
 * commands, or on a server, when codexd does not run it.
 */
import type { ConfigService } from '../../config/settings/config-service.js';
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { listHooks } from './hook-list.js';

export interface SkippedSetting {
  readonly summary: string;
  /** The remedy. */
  readonly details: string;
}

/** One text for each kind, for a `configWarning`. Empty when codexd skips nothing. */
export function skippedSettings(source: ConfigService): readonly SkippedSetting[] {
  const { effective, problem } = source.resolve(source.sources.cwd);
  if (problem !== null) return [];
  return [...skippedHooks(source), ...skippedServers(effective.table)];
}

function skippedHooks(source: ConfigService): readonly SkippedSetting[] {
  const hooks = listHooks(source, { cwds: [], threadId: null }).data.flatMap((entry) =>
    entry.hooks.filter(({ enabled }) => enabled),
  );
  if (hooks.length === 0) return [];
  const files = [...new Set(hooks.map(({ sourcePath }) => sourcePath))].join(', ');
  const events = [...new Set(hooks.map(({ eventName }) => eventName))].join(', ');
  return [
    {
      summary: `codexd does not run hooks, and ${files} has some (${events}): what they would stop or change is not stopped or changed`,
      details: 'Use rules files, permission profiles or requirements in their place, or remove them.',
    },
  ];
}

function skippedServers(table: TomlTable): readonly SkippedSetting[] {
  const names = enabledServers(table).map(([name]) => name);
  if (names.length === 0) return [];
  return [
    {
      summary: `codexd does not start MCP servers: threads have no tools of ${names.map((name) => `\`${name}\``).join(', ')}`,
      details: 'Set `enabled = false` for them, or remove them.',
    },
  ];
}

const enabledServers = (table: TomlTable): readonly (readonly [string, TomlTable])[] =>
  Object.entries(tableAt(table, 'mcp_servers')).flatMap(([name, server]) =>
    isTable(server) && server.enabled !== false ? [[name, server] as const] : [],
  );
