/** The state of a server for clients (docs/protocol/services.md §7, "`mcpServerStatus/list`"). */
import type { RequestResult } from '../../../schema/registry.js';
import type { McpServer } from './mcp-server.js';
import type { McpLogins } from './oauth/index.js';
import type { JsonObject, McpConnection, PageOf } from './shape/connection.js';
import { isToolEnabled, type McpServerConfig } from './shape/server-config.js';

export type WireStatus = RequestResult<'mcpServerStatus/list'>['data'][number];

export interface StatusOptions {
  /** Without a thread there is no state: the server runs for the list alone. */
  readonly ofThread: boolean;
  /** With resources. */
  readonly full: boolean;
  readonly logins: Pick<McpLogins, 'status'>;
}

/** `server`: null when none runs. Asks the server for its resources; what it cannot list is left out. */
export async function wireStatus(
  config: McpServerConfig,
  server: McpServer | null,
  { ofThread, full, logins }: StatusOptions,
): Promise<WireStatus> {
  const { transport, name, enabled } = config;
  const connection = server?.status === 'connected' ? server.connection : null;
  const facts = connection?.facts;
  const tools = (connection?.tools ?? []).filter((tool) => isToolEnabled(config, tool.name));
  const list = (of: PageOf): Promise<readonly JsonObject[]> =>
    connection === null || !full ? Promise.resolve([]) : allPages(connection, of, config);
  const [resources, resourceTemplates, authStatus] = await Promise.all([
    list('resources'),
    list('resourceTemplates'),
    // What the server itself has just said comes first.
    server?.status === 'authenticationRequired' ? ('notLoggedIn' as const) : logins.status(config),
  ]);
  const url = transport.kind === 'http' && URL.canParse(transport.url) ? new URL(transport.url) : null;
  return {
    name,
    environmentId: null,
    runtimeStatus: !ofThread ? null : !enabled ? 'disabled' : (server?.status ?? 'notStarted'),
    pluginId: config.pluginId,
    httpOrigin: url?.origin ?? null,
    serverInfo: infoOf(facts?.serverInfo ?? null),
    serverCapabilities: (facts?.capabilities ?? null) as WireStatus['serverCapabilities'],
    toolListMeta: null,
    tools: Object.fromEntries(tools.map((tool) => [tool.name, toolOf(tool)])),
    toolsError: server?.error ?? null,
    resources: resources.filter(isNamed('uri')).map((one) => one as WireStatus['resources'][number]),
    resourceTemplates: resourceTemplates
      .filter(isNamed('uriTemplate'))
      .map((one) => one as WireStatus['resourceTemplates'][number]),
    authStatus,
  };
}

function infoOf(info: JsonObject | null): WireStatus['serverInfo'] {
  if (info === null || typeof info.name !== 'string') return null;
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    name: info.name,
    title: text(info.title),
    version: text(info.version) ?? '',
    description: text(info.description),
    icons: (Array.isArray(info.icons) ? info.icons : null) as NonNullable<WireStatus['serverInfo']>['icons'],
    websiteUrl: text(info.websiteUrl),
  };
}

/** A tool without a schema takes anything. */
const toolOf = (tool: JsonObject): WireStatus['tools'][string] =>
  ({ inputSchema: {}, ...tool }) as unknown as WireStatus['tools'][string];

const isNamed =
  (address: string) =>
  (one: JsonObject): boolean =>
    typeof one[address] === 'string' && typeof one.name === 'string';

/** Of a list that a person looks at. */
const MAX_PAGES = 50;

async function allPages(
  connection: McpConnection,
  of: PageOf,
  { toolTimeoutMs, startupTimeoutMs }: McpServerConfig,
): Promise<readonly JsonObject[]> {
  const limits = { timeoutMs: Math.min(toolTimeoutMs, startupTimeoutMs), signal: new AbortController().signal };
  const found: JsonObject[] = [];
  const seen = new Set<string>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: Awaited<ReturnType<McpConnection['page']>> = await connection.page(of, cursor, limits);
    if (!answer.ok) break;
    found.push(...answer.result.entries);
    cursor = answer.result.nextCursor;
    if (cursor === null || seen.has(cursor)) break;
    seen.add(cursor);
  }
  return found;
}
