/**
 * What clients ask of MCP servers themselves (docs/protocol/services.md §7): their state, a tool, something to read,
 * and that the configuration is read again.
 */
import { messageOf } from '../../errors/message-of.js';
import { internalError, invalidRequest, RpcError } from '../../errors/rpc-error.js';
import { problemText } from '../../config/layers/config-problem.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import type { ResolvedConfig } from '../../config/settings/resolved-config.js';
import { activePlugins } from '../../plugins/active-plugins.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { pageOf } from '../../rpc/connection/offset-page.js';
import type { RequestResult } from '../../../schema/registry.js';
import { liveThreadOf } from '../live/live-thread-of.js';
import type { LiveThread } from '../live/live-thread.js';
import type { LiveThreads } from '../live/live-threads.js';
import { connected } from '../mcp/connected.js';
import { createMcpServer, type McpServer } from '../mcp/mcp-server.js';
import type { McpDaemon } from '../mcp/open-server.js';
import { wireStatus } from '../mcp/server-status.js';
import { faultText, type Fault, type McpConnection } from '../mcp/shape/connection.js';
import { allowedServers } from '../mcp/shape/allowed-servers.js';
import { isToolEnabled, type McpServerConfig } from '../mcp/shape/server-config.js';
import { isObject } from '../../system/node/objects.js';
import { inEnvironment, loginAtServer, type McpLoginDeps } from './mcp-login.js';

export interface McpDeps extends Pick<McpLoginDeps, 'outbox'> {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly mcp: McpDaemon;
  /** Loaded threads take over what their configuration says now. Throws RpcError when it cannot be used. */
  readonly reloadServers: () => void;
}

export const mcpMethods = defineMethods((deps: McpDeps) => ({
  /** Servers in the order of their names. Without a thread they are started for the answer, and ended before it. */
  'mcpServerStatus/list': async (params) => {
    const { threadId = null, serverName = null, environmentId = null, detail } = params;
    if (environmentId !== null && (serverName === null || threadId === null))
      throw invalidRequest('environmentId requires serverName and threadId');
    const live = threadId === null ? null : liveThreadOf(deps.threads, threadId);
    const configs = serversOf(deps, live);
    const wanted = configs.filter(({ name }) => environmentId === null && (serverName === null || name === serverName));
    const { data, nextCursor } = pageOf(wanted, params, 'MCP servers');
    const { logins } = deps.mcp;
    const full = detail !== 'toolsAndAuthOnly';
    const statuses = data.map((config) => {
      if (live !== null)
        return wireStatus(config, live.runtime.mcp.find(config.name), { ofThread: true, full, logins });
      if (!config.enabled) return wireStatus(config, null, { ofThread: false, full, logins });
      return withServer(deps, config, (server) => wireStatus(config, server, { ofThread: false, full, logins }));
    });
    return { data: await Promise.all(statuses), nextCursor };
  },
  /** Only servers that the vendor runs have events; a stop of none is fine. */
  'mcpServer/event/stream/start': () => {
    throw invalidRequest('MCP event subscriptions are only supported for hosted apps');
  },
  'mcpServer/event/stream/stop': () => ({}),
  'config/mcpServer/reload': () => {
    daemonConfig(deps.source);
    deps.reloadServers();
    return {};
  },
  'mcpServer/oauth/login': (params, _caller, { afterAnswer }) => {
    const { threadId = null } = params;
    const configs = serversOf(deps, threadId === null ? null : liveThreadOf(deps.threads, threadId));
    return loginAtServer({ ...deps, logins: deps.mcp.logins }, params, configs, afterAnswer);
  },
  'mcpServer/tool/call': async (params) => {
    const { threadId, server: name, tool, arguments: args = null, _meta } = params;
    const live = liveThreadOf(deps.threads, threadId);
    refuseEnvironment(params);
    const server = serverOf(live, name);
    if (!isToolEnabled(server.config, tool)) throw internalError(`tool '${tool}' is disabled for MCP server '${name}'`);
    if (args !== null && !isObject(args))
      throw internalError(`MCP tool arguments must be a JSON object, got ${JSON.stringify(args)}`);
    const connection = await connectionOf(server);
    const answer = await connection.call(
      { name: tool, arguments: args, meta: { ...(isObject(_meta) ? _meta : {}), threadId: live.id }, onProgress: null },
      limitsOf(server.config),
    );
    if (answer.ok) {
      server.answered();
      return answer.result as unknown as RequestResult<'mcpServer/tool/call'>;
    }
    throw rpcErrorOf(answer.fault, `tool call failed for \`${name}/${tool}\``, 'tools/call');
  },
  'mcpServer/resource/read': async (params) => {
    const { threadId, server: name, uri } = params;
    const live = threadId === null || threadId === undefined ? null : liveThreadOf(deps.threads, threadId);
    refuseEnvironment(params);
    if (live !== null) return read(serverOf(live, name), uri);
    const config = serversOf(deps, null).find((one) => one.name === name && one.enabled);
    if (config === undefined) throw unknownServer(name);
    return withServer(deps, config, (server) => read(server, uri));
  },
}));

/** Those of a thread, or of the daemon; what is not allowed is off. Throws RpcError. */
function serversOf({ source, mcp }: McpDeps, live: LiveThread | null): readonly McpServerConfig[] {
  const config = live === null ? daemonConfig(source) : threadConfig(source, live);
  const plugins = activePlugins(config, live?.state.wire.disabledPluginIds);
  return allowedServers(config.effective.table, mcp.required(), plugins);
}

const unknownServer = (name: string): RpcError => internalError(`unknown MCP server '${name}'`);

interface Asked {
  readonly server: string;
  readonly environmentId: string | null;
}

/** Servers of a configuration belong to no environment, also not to `local`. Throws RpcError. */
function refuseEnvironment({ server, environmentId }: Asked): void {
  if (environmentId !== null) throw unknownServer(inEnvironment(server, environmentId));
}

function serverOf({ runtime }: LiveThread, name: string): McpServer {
  runtime.mcp.begin();
  const server = runtime.mcp.find(name);
  if (server === null) throw unknownServer(name);
  return server;
}

/** Throws RpcError when it cannot be used. */
async function connectionOf(server: McpServer): Promise<McpConnection> {
  const ready = await connected(server);
  if (ready.ok) return ready.connection;
  throw internalError(ready.problem);
}

async function read(server: McpServer, uri: string): Promise<RequestResult<'mcpServer/resource/read'>> {
  const connection = await connectionOf(server);
  const answer = await connection.readResource(uri, limitsOf(server.config));
  if (!answer.ok) {
    throw rpcErrorOf(answer.fault, `resources/read failed for \`${server.config.name}\` (${uri})`, 'resources/read');
  }
  type Contents = RequestResult<'mcpServer/resource/read'>['contents'];
  return { contents: answer.result as unknown as Contents, originCallId: null };
}

const limitsOf = ({ toolTimeoutMs }: McpServerConfig) => ({
  timeoutMs: toolTimeoutMs,
  signal: new AbortController().signal,
});

/** The server's own errors are the client's as they are. */
function rpcErrorOf(fault: Fault, what: string, method: string): RpcError {
  if (fault.kind !== 'rpc') return internalError(`${what}: ${faultText(fault, method)}`);
  return new RpcError('request.failed', fault.message, { rpcCode: fault.code, data: fault.data });
}

/** A server that runs for one request: it asks nobody, and sends no notifications. */
async function withServer<T>(
  { codexHome, source, mcp }: McpDeps,
  config: McpServerConfig,
  work: (server: McpServer) => Promise<T>,
): Promise<T> {
  const { cwd } = source.sources;
  const server = createMcpServer(config, mcp, {
    threadId: null,
    // In a sandbox the Codex home is hidden, and a profile speaks of a folder in which somebody works.
    cwd: config.permissions === null ? codexHome : cwd,
    access: () => ({ settings: source.settings({ cwd }), roots: [cwd] }),
    memory: null,
    tell: () => {},
    warn: () => {},
    ask: () => Promise.resolve({ action: 'decline' }),
  });
  try {
    server.start();
    await server.settled();
    return await work(server);
  } finally {
    await server.close();
  }
}

/** Throws RpcError. */
function daemonConfig(source: ConfigService): ResolvedConfig {
  const config = source.resolve(source.sources.cwd);
  const { effective, problem } = config;
  if (problem !== null) throw internalError(`failed to reload config: ${problemText(effective, problem)}`);
  return config;
}

/** As the configuration is now, whatever the thread has taken over of it. Throws RpcError. */
function threadConfig(source: ConfigService, { state }: LiveThread): ResolvedConfig {
  try {
    return source.resolve(state.wire.cwd, { config: state.own });
  } catch (error) {
    throw internalError(`failed to reload config: ${messageOf(error)}`);
  }
}
