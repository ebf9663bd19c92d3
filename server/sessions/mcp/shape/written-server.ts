/** `[mcp_servers.NAME]` as it is written; null is what is not written. server-config.ts adds the defaults. */
import { isList, isTable, tableAt, TomlFloat, type TomlTable, type TomlValue } from '../../../config/toml/value.js';

/** In the order of the keys. */
export type Texts = Readonly<Record<string, string>>;

export interface WrittenServer {
  readonly enabled: boolean;
  readonly enabledTools: readonly string[] | null;
  readonly disabledTools: readonly string[] | null;
  /** Seconds, both. */
  readonly startupTimeout: number | null;
  readonly toolTimeout: number | null;
  /** The permission profile of its process; only codexd has it. */
  readonly permissions: string | null;
  readonly transport: WrittenProgram | WrittenAddress;
}

export interface WrittenProgram {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Texts | null;
  /** Names of variables, or tables with a `name`. */
  readonly envVars: readonly (string | Texts)[];
  readonly cwd: string | null;
}

export interface WrittenAddress {
  readonly kind: 'http';
  readonly url: string;
  readonly bearerTokenEnvVar: string | null;
  readonly headers: Texts | null;
  readonly envHeaders: Texts | null;
  /** A program for headers is named, which codexd does not run. */
  readonly hasHeadersHelper: boolean;
}

/** `server`: a table that the shape of the configuration accepts. */
export function writtenServer(server: TomlTable): WrittenServer {
  const milliseconds = secondsOf(server.startup_timeout_ms);
  return {
    enabled: server.enabled !== false,
    enabledTools: isList(server.enabled_tools) ? textsOf(server.enabled_tools) : null,
    disabledTools: isList(server.disabled_tools) ? textsOf(server.disabled_tools) : null,
    startupTimeout: secondsOf(server.startup_timeout_sec) ?? (milliseconds === null ? null : milliseconds / 1000),
    toolTimeout: secondsOf(server.tool_timeout_sec),
    // A value that names no profile is not the same as none.
    permissions: server.permissions === undefined ? null : (textOf(server.permissions) ?? ''),
    transport: typeof server.command === 'string' ? programOf(server.command, server) : addressOf(server),
  };
}

/** The tables of all servers, in the order of the bytes of their names. */
export function serverTables(table: TomlTable): readonly (readonly [name: string, server: TomlTable])[] {
  const servers = tableAt(table, 'mcp_servers');
  return Object.keys(servers)
    .filter((name) => isTable(servers[name]))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => [name, tableAt(servers, name)]);
}

const programOf = (command: string, server: TomlTable): WrittenProgram => ({
  kind: 'stdio',
  command,
  args: textsOf(server.args),
  env: textTable(server.env),
  envVars: (isList(server.env_vars) ? server.env_vars : [])
    .map((item) => textTable(item) ?? textOf(item))
    .filter((item) => item !== null),
  cwd: textOf(server.cwd),
});

const addressOf = (server: TomlTable): WrittenAddress => ({
  kind: 'http',
  url: textOf(server.url) ?? '',
  bearerTokenEnvVar: textOf(server.bearer_token_env_var),
  headers: textTable(server.http_headers),
  envHeaders: textTable(server.env_http_headers),
  hasHeadersHelper: server.http_headers_helper !== undefined,
});

export const textOf = (value: TomlValue | undefined): string | null => (typeof value === 'string' ? value : null);

export const textsOf = (value: TomlValue | undefined): readonly string[] =>
  isList(value) ? value.flatMap((item) => textOf(item) ?? []) : [];

export function numberOf(value: TomlValue | undefined): number | null {
  const number = value instanceof TomlFloat ? value.value : value;
  return typeof number === 'number' || typeof number === 'bigint' ? Number(number) : null;
}

function textTable(value: TomlValue | undefined): Texts | null {
  if (!isTable(value)) return null;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.flatMap(([key, item]) => (typeof item === 'string' ? [[key, item]] : [])));
}

/** The reference counts in nanoseconds. */
function secondsOf(value: TomlValue | undefined): number | null {
  const exact = numberOf(value);
  return exact === null || exact >= 1e6 ? exact : Math.round(exact * 1e9) / 1e9;
}
