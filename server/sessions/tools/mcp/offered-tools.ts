/** Which tools of its servers a thread offers its model, and by which names (docs/protocol/services.md §7). */
import type { McpServer } from '../../mcp/mcp-server.js';
import type { McpTool } from '../../mcp/shape/connection.js';
import { isToolEnabled } from '../../mcp/shape/server-config.js';
import type { ToolDefinition } from '../../model/provider/model-provider.js';
import type { ThreadRuntime } from '../../runtime/thread-runtime.js';
import { namespaceNames, toolNames } from './model-names.js';
import { toolParameters } from './tool-schema.js';

export interface OfferedTool {
  readonly server: McpServer;
  readonly tool: McpTool;
  readonly namespace: string;
  /** As the model calls it. */
  readonly name: string;
}

type Servers = Pick<ThreadRuntime, 'mcp'>;

/** One namespace a server that has tools. */
export function mcpDefinitions({ mcp }: Servers): readonly ToolDefinition[] {
  return offered(mcp.list).map(({ server, namespace, tools }) => ({
    type: 'namespace',
    name: namespace,
    description: server.connection?.facts.instructions ?? `Tools in the ${namespace} namespace.`,
    tools: tools.map(({ tool, name }) => ({
      type: 'function',
      name,
      description: typeof tool.description === 'string' ? tool.description : '',
      strict: false,
      parameters: toolParameters(tool.inputSchema),
    })),
  }));
}

/** Null: the thread offers no such tool. */
export function offeredTool({ mcp }: Servers, namespace: string, name: string): OfferedTool | null {
  if (mcp.list.length === 0) return null;
  const group = offered(mcp.list).find((one) => one.namespace === namespace);
  return group?.tools.find((one) => one.name === name) ?? null;
}

/** Those that the configuration leaves on, as the server names them. */
export function enabledTools({ config, connection }: McpServer): readonly McpTool[] {
  const seen = new Set<string>();
  return (connection?.tools ?? []).filter(({ name }) => {
    const first = !seen.has(name);
    seen.add(name);
    return first && isToolEnabled(config, name);
  });
}

interface Group {
  readonly server: McpServer;
  readonly namespace: string;
  readonly tools: readonly OfferedTool[];
}

/** A server that has ended keeps its tools: it is started again for the next call. */
function offered(servers: readonly McpServer[]): readonly Group[] {
  const names = namespaceNames(servers.map(({ config }) => config.name));
  return servers
    .flatMap((server): Group[] => {
      const namespace = names.get(server.config.name) ?? '';
      const enabled = enabledTools(server);
      const own = toolNames(
        enabled.map(({ name }) => name),
        namespace,
      );
      const tools = enabled
        .map((tool) => ({ server, tool, namespace, name: own.get(tool.name) ?? tool.name }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return tools.length === 0 ? [] : [{ server, namespace, tools }];
    })
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}
