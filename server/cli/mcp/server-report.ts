/** An MCP server of the configuration, in the form and with the names of the reference's JSON. */
import type { TomlTable } from '../../config/toml/value.js';
import {
  serverTables,
  writtenServer,
  type Texts,
  type WrittenAddress,
  type WrittenProgram,
  type WrittenServer,
} from '../../sessions/mcp/shape/written-server.js';

export interface ServerReport extends Omit<WrittenServer, 'transport'> {
  readonly name: string;
  readonly transport: Program | Address;
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

/** `server`: a table that the shape of the configuration accepts. */
export function serverReport(name: string, server: TomlTable): ServerReport {
  const { transport, ...written } = writtenServer(server);
  return { name, ...written, transport: transport.kind === 'stdio' ? programOf(transport) : addressOf(transport) };
}

const programOf = ({ command, args, env, envVars, cwd }: WrittenProgram): Program => ({
  type: 'stdio',
  command,
  args,
  env,
  env_vars: envVars,
  cwd,
});

const addressOf = (address: WrittenAddress): Address => ({
  type: 'streamable_http',
  url: address.url,
  bearer_token_env_var: address.bearerTokenEnvVar,
  http_headers: address.headers,
  env_http_headers: address.envHeaders,
  http_headers_helper: address.hasHeadersHelper ? '<redacted>' : null,
});

/** The servers of a table of the configuration, in the order of their names. */
export const serverReports = (table: TomlTable): readonly ServerReport[] =>
  serverTables(table).map(([name, server]) => serverReport(name, server));
