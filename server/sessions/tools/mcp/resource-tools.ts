/** Tools with which models look at what servers have to read (docs/protocol/services.md §7, "Tools for the model"). */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { McpServer } from '../../mcp/mcp-server.js';
import { faultText, type JsonObject, type PageOf, type RequestLimits } from '../../mcp/shape/connection.js';
import { mcpServerConfigs } from '../../mcp/shape/server-config.js';
import type { ThreadState } from '../../runtime/thread-state.js';
import { shorten, type Budget } from '../../shell/model-output.js';
import { readArguments } from '../../tool-types/tool-arguments.js';
import { functionDefinition, text } from '../../tool-types/definition.js';
import type { Tool, ToolCall, ToolContext } from '../../tool-types/tool.js';
import { itemResult } from './call-output.js';
import { callWork } from './call-work.js';

export interface ResourceToolOptions {
  readonly budget: (state: ThreadState) => Budget;
}

export function resourceTools(options: ResourceToolOptions): readonly Tool[] {
  return [
    listTool(
      'list_mcp_resources',
      'resources',
      'Lists what MCP servers have to read: files, records, documents.',
      options,
    ),
    listTool(
      'list_mcp_resource_templates',
      'resourceTemplates',
      'Lists the patterns of addresses under which MCP servers have something to read.',
      options,
    ),
    readTool(options),
  ];
}

/** They are there wherever there is a server. */
const offered = ({ table, plugins }: ThreadState): boolean =>
  mcpServerConfigs(table, plugins).some(({ enabled }) => enabled);

function listTool(name: string, of: PageOf, description: string, { budget }: ResourceToolOptions): Tool {
  const parameters = {
    server: text('The server, by its name in the configuration; all servers without it.'),
    cursor: text('The nextCursor of the page before; needs a server.'),
  };
  const method = of === 'resources' ? 'resources/list' : 'resources/templates/list';
  return {
    name,
    definition: (state) => (offered(state) ? functionDefinition(name, description, parameters, []) : null),
    async run(call, context) {
      const args = readArguments(call.input, { server: { kind: 'string' }, cursor: { kind: 'string' } });
      const { mcp } = context.thread.runtime;
      if (args.server === null) {
        if (args.cursor !== null) return 'cursor can only be used when a server is specified';
        return asItem(call, 'codex', {}, context, budget, async () => {
          const pages = await Promise.all(
            mcp.list.map((server) => everything(server, of, limitsOf(server, call, context))),
          );
          return { ok: true, value: { [of]: pages.flat() } };
        });
      }
      const server = mcp.find(args.server);
      if (server === null) return unknown(args.server);
      const shown = { server: args.server, ...(args.cursor === null ? {} : { cursor: args.cursor }) };
      return asItem(call, args.server, shown, context, budget, async () => {
        const { connection } = await connected(server);
        if (connection === null) return { ok: false, words: `${method} failed: ${server.error ?? 'not connected'}` };
        const answer = await connection.page(of, args.cursor, limitsOf(server, call, context));
        if (!answer.ok) {
          return {
            ok: false,
            words: `${method} failed: ${method} failed for \`${args.server}\`: ${faultText(answer.fault, method)}`,
          };
        }
        const { entries, nextCursor } = answer.result;
        const listed = { server: args.server, [of]: entries.map((entry) => ({ server: args.server, ...entry })) };
        return { ok: true, value: nextCursor === null ? listed : { ...listed, nextCursor } };
      });
    },
  };
}

function readTool({ budget }: ResourceToolOptions): Tool {
  const name = 'read_mcp_resource';
  const parameters = {
    server: text('The server, by its name in the configuration.'),
    uri: text('The address, as list_mcp_resources has it.'),
  };
  return {
    name,
    definition: (state) =>
      offered(state)
        ? functionDefinition(name, 'Reads one of the things that MCP servers have to read.', parameters, [
            'server',
            'uri',
          ])
        : null,
    async run(call, context) {
      const { server: wanted, uri } = readArguments(call.input, {
        server: { kind: 'string', required: true },
        uri: { kind: 'string', required: true },
      });
      const server = context.thread.runtime.mcp.find(wanted);
      if (server === null) return unknown(wanted);
      return asItem(call, wanted, { server: wanted, uri }, context, budget, async () => {
        const { connection } = await connected(server);
        if (connection === null)
          return { ok: false, words: `resources/read failed: ${server.error ?? 'not connected'}` };
        const answer = await connection.readResource(uri, limitsOf(server, call, context));
        if (answer.ok) return { ok: true, value: { server: wanted, uri, contents: answer.result } };
        const cause = faultText(answer.fault, 'resources/read');
        return {
          ok: false,
          words: `resources/read failed: resources/read failed for \`${wanted}\` (${uri}): ${cause}`,
        };
      });
    },
  };
}

const unknown = (server: string): string => `unknown MCP server '${server}' for the selected environment`;

const limitsOf = (server: McpServer, call: ToolCall, context: ToolContext): RequestLimits => ({
  timeoutMs: server.config.toolTimeoutMs,
  signal: context.signal,
  work: callWork(context, call.callId, server, call.name),
});

async function connected(server: McpServer): Promise<McpServer> {
  server.start();
  await server.settled();
  return server;
}

/** More than any model reads. */
const MAX_PAGES = 50;

/** All pages of one server; what it cannot list is nothing. */
async function everything(server: McpServer, of: PageOf, limits: RequestLimits): Promise<readonly JsonObject[]> {
  const { connection } = await connected(server);
  if (connection === null) return [];
  const found: JsonObject[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: Awaited<ReturnType<typeof connection.page>> = await connection.page(of, cursor, limits);
    if (!answer.ok) break;
    found.push(...answer.result.entries.map((entry) => ({ server: server.config.name, ...entry })));
    if (answer.result.nextCursor === null || answer.result.nextCursor === cursor) break;
    cursor = answer.result.nextCursor;
  }
  return found;
}

type Looked = { readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly words: string };
type Item = Extract<ThreadItem, { type: 'mcpToolCall' }>;

/** Clients see it as a call of the server, of `codex` where it is about all servers. */
async function asItem(
  call: ToolCall,
  server: string,
  args: Item['arguments'],
  { turn, state, signal }: ToolContext,
  budget: ResourceToolOptions['budget'],
  look: () => Promise<Looked>,
): Promise<string> {
  const started = performance.now();
  const item: Item = {
    type: 'mcpToolCall',
    id: call.callId,
    server,
    environmentId: null,
    tool: call.name,
    status: 'inProgress',
    arguments: args,
    appContext: null,
    mcpAppUi: null,
    pluginId: null,
    readOnlyHint: null,
    result: null,
    error: null,
    durationMs: null,
  };
  const complete = (end: Pick<Item, 'status' | 'result' | 'error'>): void =>
    turn.itemCompleted({ ...item, ...end, durationMs: Math.round(performance.now() - started) });
  turn.itemStarted(item);
  try {
    const looked = await look();
    if (!looked.ok) {
      complete({ status: 'failed', result: null, error: { message: looked.words } });
      return looked.words;
    }
    const words = JSON.stringify(looked.value);
    const result = itemResult({ content: [{ type: 'text', text: words }] });
    complete({ status: 'completed', result, error: null });
    return shorten(words, Buffer.byteLength(words), budget(state));
  } catch (error) {
    if (signal.aborted) complete({ status: 'failed', result: null, error: { message: 'the turn was interrupted' } });
    throw error;
  }
}
