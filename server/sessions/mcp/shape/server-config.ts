/** `[mcp_servers.NAME]` as the daemon works with it (docs/protocol/services.md §7, "Configuration"). */
import { tableAt, type TomlTable, type TomlValue } from '../../../config/toml/value.js';
import { numberOf, serverTables, textOf, textsOf, writtenServer, type WrittenServer } from './written-server.js';
import type { ActivePlugin } from '../../../plugins/active-plugins.js';
import { pluginServers } from '../../../plugins/plugin-servers.js';
import { LONGEST_TIMER_MS } from '../../../system/node/timers.js';

/** When a person is asked before a tool is called. */
export type ToolApprovalMode = 'auto' | 'prompt' | 'writes' | 'approve';

export interface StdioTransport {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables of the daemon that the server gets too. */
  readonly envVars: readonly string[];
  /** Null: the thread's folder. */
  readonly cwd: string | null;
}

export interface HttpTransport {
  readonly kind: 'http';
  readonly url: string;
  /** The variable that holds the token. */
  readonly bearerTokenEnvVar: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Header → the variable that holds its value. */
  readonly envHeaders: Readonly<Record<string, string>>;
  readonly login: LoginSettings;
}

/** How a login with OAuth at the server is done. */
export interface LoginSettings {
  /** Null: codexd registers itself at the authorization server. */
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  /** Of this machine, for the answer of the browser; null: that of all servers, or a free one. */
  readonly callbackPort: number | null;
  /** A further resource to ask for. */
  readonly resource: string | null;
  /** Empty: those that the server names. */
  readonly scopes: readonly string[];
}

export interface McpServerConfig {
  readonly name: string;
  /** The plugin that brings it; null: it stands in the configuration. */
  readonly pluginId: string | null;
  readonly enabled: boolean;
  /** A thread cannot begin without it. */
  readonly required: boolean;
  /** In milliseconds, both. */
  readonly startupTimeoutMs: number;
  readonly toolTimeoutMs: number;
  /** Null: all. */
  readonly enabledTools: readonly string[] | null;
  readonly disabledTools: readonly string[];
  readonly defaultMode: ToolApprovalMode;
  /** What is said about single tools. */
  readonly toolModes: ReadonlyMap<string, ToolApprovalMode>;
  /** Its tools may run beside each other, also those that are not said to be read-only. */
  readonly parallel: boolean;
  /** The permission profile of its process; null: it runs as its user. */
  readonly permissions: string | null;
  readonly transport: StdioTransport | HttpTransport;
}

/** As the official program documents them (docs/protocol/services.md §7); in seconds. */
const STARTUP_TIMEOUT = 30;
const TOOL_TIMEOUT = 300;

const MODES: readonly ToolApprovalMode[] = ['auto', 'prompt', 'writes', 'approve'];

/** The servers of a configuration and of its plugins, by name, those that are off included. */
export function mcpServerConfigs(table: TomlTable, plugins: readonly ActivePlugin[] = []): readonly McpServerConfig[] {
  const own = serverTables(table).map(([name, server]) => serverConfig(name, server, null));
  if (plugins.length === 0) return own;
  const { servers } = pluginServers(plugins, table);
  const brought = servers.map((server) => serverConfig(server.name, server.table, server.pluginId));
  return [...own, ...brought].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

function serverConfig(name: string, table: TomlTable, pluginId: string | null): McpServerConfig {
  const written = writtenServer(table);
  const tools = tableAt(table, 'tools');
  const off = Object.keys(tools).filter((tool) => tableAt(tools, tool).enabled === false);
  const modes = Object.keys(tools).flatMap((tool) => {
    const mode = modeOf(tableAt(tools, tool).approval_mode);
    return mode === null ? [] : [[tool, mode] as const];
  });
  return {
    name,
    pluginId,
    enabled: written.enabled && runsHere(table),
    required: table.required === true,
    startupTimeoutMs: milliseconds(written.startupTimeout ?? STARTUP_TIMEOUT),
    toolTimeoutMs: milliseconds(written.toolTimeout ?? TOOL_TIMEOUT),
    enabledTools: written.enabledTools,
    disabledTools: [...(written.disabledTools ?? []), ...off],
    defaultMode: modeOf(table.default_tools_approval_mode) ?? 'auto',
    toolModes: new Map(modes),
    permissions: written.permissions,
    parallel: table.supports_parallel_tool_calls === true,
    transport: transportOf(written, table),
  };
}

/**
 * Servers of other environments are off: their program or their address may be another one on this machine
 * (docs/protocol/services.md §7, "Configuration"). A `configWarning` says so.
 */
function runsHere({ environment_id: place }: TomlTable): boolean {
  return place === undefined || place === 'local';
}

function transportOf({ transport }: WrittenServer, table: TomlTable): StdioTransport | HttpTransport {
  if (transport.kind === 'http') {
    const { url, bearerTokenEnvVar, headers, envHeaders } = transport;
    return {
      kind: 'http',
      url,
      bearerTokenEnvVar,
      headers: headers ?? {},
      envHeaders: envHeaders ?? {},
      login: loginOf(table),
    };
  }
  const { command, args, env, envVars, cwd } = transport;
  const names = envVars.flatMap((entry) => (typeof entry === 'string' ? entry : (entry.name ?? [])));
  return { kind: 'stdio', command, args, env: env ?? {}, envVars: names, cwd };
}

function loginOf(table: TomlTable): LoginSettings {
  const oauth = tableAt(table, 'oauth');
  return {
    clientId: textOf(oauth.client_id),
    clientSecret: textOf(oauth.client_secret),
    callbackPort: numberOf(oauth.callback_port),
    resource: textOf(table.oauth_resource),
    scopes: textsOf(table.scopes),
  };
}

/** Whether the server's configuration lets the tool be used at all. */
export function isToolEnabled({ enabledTools, disabledTools }: McpServerConfig, tool: string): boolean {
  return (enabledTools === null || enabledTools.includes(tool)) && !disabledTools.includes(tool);
}

const modeOf = (value: TomlValue | undefined): ToolApprovalMode | null => MODES.find((mode) => mode === value) ?? null;
const milliseconds = (seconds: number): number => Math.min(Math.round(seconds * 1000), LONGEST_TIMER_MS);
