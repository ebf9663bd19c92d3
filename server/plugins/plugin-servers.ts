/**
 * The MCP servers that plugins bring (docs/protocol/services.md §10 "MCP servers").
 *
 * Threat: a plugin replaces a server of the person, lets its own tools run without a question, starts in a folder of
 * its choice, or sends a key of a model endpoint to its own address.
 * Rule: only the keys below are taken from a plugin, and no others: approvals, tools, the permission profile and
 * whether a server is on are the person's, under `[plugins."ID".mcp_servers.NAME]`. A server of the configuration
 * wins over a plugin's of the same name, and the first plugin over the others. The folder of a program lies in the
 * plugin. Variables with keys of model endpoints are not handed out. Scope: .mcp.json and plugin.json. Non-scope:
 * what a server does that a person installed: without a profile it runs as that person, like every server
 * (docs/guide-extensions.md).
 */
import { checkTable } from '../config/shape/check.js';
import { configShape } from '../config/shape/config-shape.js';
import { isTable, newTable, tableAt, TomlFloat, type TomlTable, type TomlValue } from '../config/toml/value.js';
import type { PluginFolders } from '../hooks/plugin-folders.js';
import { isObject } from '../system/node/objects.js';
import type { ActivePlugin } from './active-plugins.js';
import { textInside } from './inside.js';
import { readJson } from './json-file.js';
import type { PluginManifest } from './plugin-manifest.js';
import { placedServer } from './placed-server.js';

/** A server as `[mcp_servers.NAME]` would have it. */
export interface PluginServer {
  readonly name: string;
  readonly pluginId: string;
  readonly table: TomlTable;
}

export interface PluginServers {
  readonly servers: readonly PluginServer[];
  /** Why servers are left out: one sentence each. */
  readonly warnings: readonly string[];
}

/** `table`: the effective configuration, whose own servers come first. Never throws. */
export function pluginServers(plugins: readonly ActivePlugin[], table: TomlTable): PluginServers {
  const own = tableAt(table, 'mcp_servers');
  const secrets = secretVariables(table);
  const servers = new Map<string, PluginServer>();
  const warnings: string[] = [];
  for (const plugin of plugins) {
    const declared = declaredServers(plugin.root, plugin.manifest);
    if (declared.fault !== null)
      warnings.push(`the MCP servers of plugin ${plugin.id} are left out: ${declared.fault}`);
    for (const [name, written] of Object.entries(declared.servers)) {
      if (isTable(own[name]) || servers.has(name)) continue;
      const made = serverOf(name, written, plugin, secrets);
      if (typeof made === 'string') warnings.push(`the MCP server ${name} of plugin ${plugin.id} is left out: ${made}`);
      else servers.set(name, { name, pluginId: plugin.id, table: made });
    }
  }
  return { servers: [...servers.values()], warnings };
}

/** From a plugin, with values of these kinds. */
const KEYS = ['command', 'args', 'env', 'env_vars', 'cwd', 'url', 'http_headers', 'env_http_headers'] as const;
const MORE_KEYS = [
  'bearer_token_env_var',
  'startup_timeout_sec',
  'tool_timeout_sec',
  'oauth_resource',
  'scopes',
] as const;
/** Other programs' names of keys. */
const OTHER_NAMES: Readonly<Record<string, string>> = { headers: 'http_headers' };
/** The person's. */
const OWN_KEYS = ['enabled', 'tools', 'enabled_tools', 'disabled_tools', 'default_tools_approval_mode', 'permissions'];

/** A text: why there is none. */
function serverOf(
  name: string,
  written: Record<string, unknown>,
  plugin: PluginFolders & Pick<ActivePlugin, 'servers'>,
  secrets: ReadonlySet<string>,
): TomlTable | string {
  const server = newTable();
  for (const [key, value] of Object.entries(written)) {
    const known = [...KEYS, ...MORE_KEYS].find((one) => one === (OTHER_NAMES[key] ?? key));
    const toml = known === undefined ? undefined : tomlOf(value);
    if (known !== undefined && toml !== undefined) server[known] = toml;
  }
  if (written.enabled === false) server.enabled = false;
  const person = tableAt(plugin.servers, name);
  for (const key of OWN_KEYS) if (person[key] !== undefined) server[key] = person[key];
  const placed = placedServer(server, plugin, secrets);
  if (typeof placed === 'string') return placed;
  const whole = Object.assign(newTable(), { mcp_servers: Object.assign(newTable(), { [name]: placed }) });
  return checkTable(whole, configShape())?.text ?? placed;
}

const USUAL = '.mcp.json';

/** By name, in the order of the names. Of a plugin that need not be installed. Never throws. */
export function declaredServers(
  root: string,
  { mcpServers }: PluginManifest,
): { readonly servers: Readonly<Record<string, Record<string, unknown>>>; readonly fault: string | null } {
  if (isObject(mcpServers)) return { servers: named(mcpServers), fault: null };
  const read = textInside(root, mcpServers ?? USUAL);
  if (read === null)
    return { servers: {}, fault: mcpServers === null ? null : `there is no file ${String(mcpServers)}` };
  if ('fault' in read) return { servers: {}, fault: `${read.file}: ${read.fault}` };
  const json = readJson(read.text);
  if ('fault' in json) return { servers: {}, fault: `${read.file}: ${json.fault}` };
  const { value } = json;
  if (!isObject(value)) return { servers: {}, fault: `${read.file}: expected an object` };
  // Either `{"mcpServers": {…}}`, or the servers themselves.
  return { servers: named(isObject(value.mcpServers) ? value.mcpServers : value), fault: null };
}

/** Of one plugin. */
const MAX_SERVERS = 64;

const named = (servers: Record<string, unknown>): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(servers)
      .filter((entry): entry is [string, Record<string, unknown>] => isObject(entry[1]))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, MAX_SERVERS),
  );

/** Undefined: TOML has no such value. */
function tomlOf(value: unknown): TomlValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new TomlFloat(value);
  if (Array.isArray(value)) return value.flatMap((item: unknown) => tomlOf(item) ?? []);
  if (!isObject(value)) return undefined;
  const table = newTable();
  for (const [key, item] of Object.entries(value)) {
    const toml = tomlOf(item);
    if (toml !== undefined) table[key] = toml;
  }
  return table;
}

/** Of model endpoints. */
function secretVariables(table: TomlTable): ReadonlySet<string> {
  const providers = tableAt(table, 'model_providers');
  const keys = Object.keys(providers).flatMap((id) => tableAt(providers, id).env_key ?? []);
  return new Set(['OPENAI_API_KEY', 'CODEX_API_KEY', 'CODEX_ACCESS_TOKEN', ...keys.map(String)]);
}
