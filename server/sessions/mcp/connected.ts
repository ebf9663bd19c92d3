/** The connection to a server for a request that comes from no turn of the model: started, if it is not running. */
import type { McpServer } from './mcp-server.js';
import type { McpConnection } from './shape/connection.js';

/** `problem`: the words of the protocol. */
export type Connected =
  { readonly ok: true; readonly connection: McpConnection } | { readonly ok: false; readonly problem: string };

export async function connected(server: McpServer): Promise<Connected> {
  server.start();
  await server.settled();
  const { connection } = server;
  if (connection !== null && server.status === 'connected') return { ok: true, connection };
  return { ok: false, problem: `failed to get client: ${server.error ?? 'it was ended'}` };
}
