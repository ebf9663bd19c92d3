/** mcpServer/oauth/login (docs/protocol/services.md §7): codexd does not sign in to MCP servers. */
import type { ConfigService } from '../../config/settings/config-service.js';
import { problemText } from '../../config/layers/config-problem.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { internalError } from '../../errors/rpc-error.js';

/** The reason why nobody can log in to the server. Throws RpcError when the configuration cannot be read. */
export function noOauth(source: ConfigService, name: string): string {
  const { effective, problem } = source.resolve(source.sources.cwd);
  if (problem !== null) throw internalError(`failed to reload config: ${problemText(effective, problem)}`);
  const server = tableAt(effective.table, 'mcp_servers')[name];
  if (!isTable(server)) return `No MCP server named '${name}' found.`;
  if (typeof server.url !== 'string') return 'OAuth login is only supported for streamable HTTP servers.';
  return 'codexd does not sign in to MCP servers yet: use `bearer_token_env_var` or `env_http_headers`';
}
