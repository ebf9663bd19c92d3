/** An MCP server of the configuration, in the form and with the names of the reference's JSON. */
import { isList, isTable, tableAt, TomlFloat, type TomlTable, type TomlValue } from '../../config/toml/value.js';

export interface ServerReport {
  readonly name: string;
  readonly enabled: boolean;
  readonly transport: Program | Address;
  readonly enabledTools: readonly string[] | null;
  readonly disabledTools: readonly string[] | null;
  /** Seconds. */
  readonly startupTimeout: number | null;
  readonly toolTimeout: number | null;
  readonly auth: AuthStatus;
}

export interface Program {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Texts | null;
  readonly env_vars: readonly (string | Texts)[];
  readonly cwd: string | null;
}

export interface Address {
  readonly type: 'streamable_http';
  readonly url: string;
  readonly bearer_token_env_var: string | null;
  readonly http_headers: Texts | null;
  readonly env_http_headers: Texts | null;
  /** Hidden, since a command line may hold a secret. */
  readonly http_headers_helper: '<redacted>' | null;
}

/** In the order of the keys. */
export type Texts = Readonly<Record<string, string>>;

/** `unknown`: only the server knows whether it asks for a login, and it is not asked. */
export type AuthStatus = 'unsupported' | 'bearer_token' | 'unknown';

/** `server`: a table that the shape of the configuration accepts. */
export function serverReport(name: string, server: TomlTable): ServerReport {
  const transport = transportOf(server);
  const enabled = server.enabled !== false;
  const startup = seconds(server.startup_timeout_sec);
  const milliseconds = seconds(server.startup_timeout_ms);
  return {
    name,
    enabled,
    transport,
    enabledTools: isList(server.enabled_tools) ? texts(server.enabled_tools) : null,
    disabledTools: isList(server.disabled_tools) ? texts(server.disabled_tools) : null,
    startupTimeout: startup ?? (milliseconds === null ? null : milliseconds / 1000),
    toolTimeout: seconds(server.tool_timeout_sec),
    auth: !enabled || transport.type === 'stdio' ? 'unsupported' : hasToken(transport) ? 'bearer_token' : 'unknown',
  };
}

function transportOf(server: TomlTable): Program | Address {
  if (typeof server.command === 'string') {
    return {
      type: 'stdio',
      command: server.command,
      args: texts(server.args),
      env: textTable(server.env),
      env_vars: copiedVariables(server.env_vars),
      cwd: text(server.cwd),
    };
  }
  return {
    type: 'streamable_http',
    url: text(server.url) ?? '',
    bearer_token_env_var: text(server.bearer_token_env_var),
    http_headers: textTable(server.http_headers),
    env_http_headers: textTable(server.env_http_headers),
    http_headers_helper: server.http_headers_helper === undefined ? null : '<redacted>',
  };
}

function copiedVariables(value: TomlValue | undefined): readonly (string | Texts)[] {
  const items = isList(value) ? value.map((item) => textTable(item) ?? text(item)) : [];
  return items.filter((item) => item !== null);
}

const hasToken = ({ bearer_token_env_var: variable, http_headers: headers }: Address): boolean =>
  variable !== null || Object.keys(headers ?? {}).some((header) => header.toLowerCase() === 'authorization');

const text = (value: TomlValue | undefined): string | null => (typeof value === 'string' ? value : null);

const texts = (value: TomlValue | undefined): readonly string[] =>
  isList(value) ? value.flatMap((item) => text(item) ?? []) : [];

function textTable(value: TomlValue | undefined): Texts | null {
  if (!isTable(value)) return null;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.flatMap(([key, item]) => (typeof item === 'string' ? [[key, item]] : [])));
}

/** A number of the configuration; the reference counts in nanoseconds. */
function seconds(value: TomlValue | undefined): number | null {
  const number = value instanceof TomlFloat ? value.value : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return null;
  const exact = Number(number);
  return exact < 1e6 ? Math.round(exact * 1e9) / 1e9 : exact;
}

/** The servers of a table of the configuration, in the order of their names. */
export function serverReports(table: TomlTable): readonly ServerReport[] {
  const servers = tableAt(table, 'mcp_servers');
  const names = Object.keys(servers).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return names.map((name) => serverReport(name, tableAt(servers, name)));
}
