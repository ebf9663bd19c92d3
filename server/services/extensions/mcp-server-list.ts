/**
 * mcpServerStatus/list (docs/protocol/services.md §7): the MCP servers of the configuration. codexd does not start them
 * yet, and the response says so for each enabled server.
 */
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { FeatureScope } from '../../config/handlers/experimental-feature.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { problemText } from '../../config/layers/config-problem.js';
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { internalError } from '../../errors/rpc-error.js';
import { pageOf } from '../../rpc/connection/offset-page.js';

type Status = RequestResult<'mcpServerStatus/list'>['data'][number];

/** `threadConfig`: the configuration of a loaded thread. Rejects with RpcError when no thread has the id. */
export async function listMcpServers(
  source: ConfigService,
  threadConfig: (threadId: string) => Promise<FeatureScope>,
  params: RequestParams<'mcpServerStatus/list'>,
): Promise<RequestResult<'mcpServerStatus/list'>> {
  const { threadId = null, serverName } = params;
  const table = threadId === null ? daemonTable(source) : threadTable(source, await threadConfig(threadId));
  const servers = tableAt(table, 'mcp_servers');
  const names = Object.keys(servers)
    .filter((name) => isTable(servers[name]) && (serverName ?? name) === name)
    .sort();
  const all = names.map((name) => statusOf(name, tableAt(servers, name), threadId !== null));
  return pageOf(all, params, 'MCP servers');
}

/** The reason why nobody can log in to the server. */
export function noOauth(source: ConfigService, name: string): string {
  const server = tableAt(daemonTable(source), 'mcp_servers')[name];
  if (!isTable(server)) return `No MCP server named '${name}' found.`;
  if (typeof server.url !== 'string') return 'OAuth login is only supported for streamable HTTP servers.';
  return 'codexd does not sign in to MCP servers yet';
}

function threadTable(source: ConfigService, { cwd, overrides }: FeatureScope): TomlTable {
  return source.resolve(cwd, { config: overrides }).effective.table;
}

function daemonTable(source: ConfigService): TomlTable {
  const { effective, problem } = source.resolve(source.sources.cwd);
  if (problem !== null) throw internalError(`failed to reload config: ${problemText(effective, problem)}`);
  return effective.table;
}

function statusOf(name: string, server: TomlTable, ofThread: boolean): Status {
  const enabled = server.enabled !== false;
  return {
    name,
    runtimeStatus: !ofThread ? null : enabled ? 'notStarted' : 'disabled',
    pluginId: null,
    httpOrigin: originOf(server.url),
    serverInfo: null,
    serverCapabilities: null,
    toolListMeta: null,
    tools: {},
    toolsError: enabled ? 'codexd does not start MCP servers yet' : null,
    resources: [],
    resourceTemplates: [],
    authStatus:
      typeof server.url !== 'string'
        ? 'unsupported'
        : typeof server.bearer_token_env_var === 'string'
          ? 'bearerToken'
          : 'unknown',
  };
}

function originOf(url: unknown): string | null {
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null;
}
