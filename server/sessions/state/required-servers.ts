/** Refuses a thread whose configuration requires an MCP server, because codexd starts none. */
import { isTable, tableAt } from '../../config/toml/value.js';
import { internalError } from '../../errors/rpc-error.js';
import type { BuiltState } from './build-thread-state.js';

/** Returns the state unchanged. Throws RpcError with the official program's text and codexd's reason. */
export function withoutRequiredServers(built: BuiltState): BuiltState {
  const servers = Object.entries(tableAt(built.state.table, 'mcp_servers'));
  const required = servers.flatMap(([name, server]) =>
    isTable(server) && server.required === true && server.enabled !== false ? [name] : [],
  );
  if (required.length === 0) return built;
  const causes = required.map((name) => `${name}: codexd does not start MCP servers yet`).join('; ');
  throw internalError(
    `error creating thread: Fatal error: Failed to initialize session: required MCP servers failed to initialize: ${causes}`,
  );
}
