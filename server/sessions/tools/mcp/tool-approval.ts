/**
 * Whether a tool of an MCP server may be called (docs/protocol/services.md §7, "Approval").
 *
 * Threat: a tool that changes things without anybody's yes; a yes that serves another tool, another server or another
 * thread; a silence, an error or an answer in another form that counts as a yes.
 * Rule: what a server says of its tool decides only whether a person is asked, and the configuration counts before it.
 * Only `accept` is a yes. A yes for the session is kept with the thread, by server and tool; a yes for good is written
 * into the user's configuration, by the rules of every change there.
 * Non-scope: what the tool does then: servers run without a sandbox.
 */
import { messageOf } from '../../../errors/message-of.js';
import { RpcError } from '../../../errors/rpc-error.js';
import type { ServerRequestParams } from '../../../../schema/registry.js';
import type { WriteRequest } from '../../../config/write/write-config.js';
import { autoReview, isReviewed } from '../../approvals/auto-review.js';
import type { JsonObject } from '../../mcp/shape/connection.js';
import type { ToolApprovalMode } from '../../mcp/shape/server-config.js';
import { askHooks } from '../../hooks/permission-hooks.js';
import type { ToolContext } from '../../tool-types/tool.js';
import type { OfferedTool } from './offered-tools.js';
import { isObject } from '../../../system/node/objects.js';

export interface ToolApprovalOptions {
  /** Changes the user's configuration. Rejects with RpcError. */
  readonly writeConfig: (request: WriteRequest) => Promise<unknown>;
}

/** Null: it may be called. A text: it may not, and this is what the model reads. */
export async function approveTool(
  callId: string,
  offered: OfferedTool,
  args: JsonObject,
  context: ToolContext,
  { writeConfig }: ToolApprovalOptions,
): Promise<string | null> {
  const { thread, turn, state, signal } = context;
  const { tool, server } = offered;
  const mode = modeOf(offered);
  if (!mustAsk(mode, tool.annotations)) return null;
  const { approvalPolicy: policy, sandboxPolicy } = state.wire;
  if (policy === 'never') {
    return sandboxPolicy.type === 'dangerFullAccess'
      ? null
      : 'MCP tool call requires approval, but approval policy is never';
  }
  const key = JSON.stringify([server.config.name, tool.name]);
  if (thread.runtime.mcpApprovals.has(key)) return null;
  const names = [`${offered.namespace}__${offered.name}`];
  const said = await askHooks(thread, turn, { names, input: args, itemId: callId });
  if (said !== null) return said.allowed ? null : said.reason;
  if (isReviewed(context)) return reviewed(callId, offered, args, context);
  if (typeof policy === 'object' && !policy.granular.mcp_elicitations) return REJECTED;
  thread.flag('waitingOnApproval', true);
  try {
    const params = question(offered, args, mode, { threadId: thread.id, turnId: turn.id });
    const { action, _meta } = await thread.events.ask('mcpServer/elicitation/request', params, signal);
    if (action !== 'accept') return action === 'cancel' ? CANCELLED : REJECTED;
    if (mode !== 'auto') return null;
    const persist = isObject(_meta) ? _meta.persist : null;
    if (persist === 'session' || persist === 'always') thread.runtime.mcpApprovals.add(key);
    if (persist === 'always') await keepForGood(offered, context, writeConfig);
    return null;
  } catch (error) {
    if (signal.aborted || !(error instanceof RpcError)) throw error;
    return REJECTED;
  } finally {
    thread.flag('waitingOnApproval', false);
  }
}

const REJECTED = 'user rejected MCP tool call';
const CANCELLED = 'user cancelled MCP tool call';

const modeOf = ({ server: { config }, tool }: OfferedTool): ToolApprovalMode =>
  config.toolModes.get(tool.name) ?? config.defaultMode;

/** `annotations`: what the server says of its tool. Without a word of it, it may do anything. */
export function mustAsk(mode: ToolApprovalMode, annotations: unknown): boolean {
  const hints = isObject(annotations) ? annotations : {};
  const readOnly = hints.readOnlyHint === true;
  switch (mode) {
    case 'approve':
      return false;
    case 'prompt':
      return true;
    case 'writes':
      return !readOnly;
    case 'auto':
      if (hints.destructiveHint === true) return true;
      return !readOnly && !(hints.destructiveHint === false && hints.openWorldHint === false);
  }
}

type Question = ServerRequestParams<'mcpServer/elicitation/request'>;

function question(
  { server, tool }: OfferedTool,
  args: JsonObject,
  mode: ToolApprovalMode,
  where: { readonly threadId: string; readonly turnId: string },
): Question {
  const { name } = server.config;
  const meta = {
    codex_approval_kind: 'mcp_tool_call',
    ...(mode === 'auto' ? { persist: ['session', 'always'] } : {}),
    tool_name: tool.name,
    ...(typeof tool.title === 'string' ? { tool_title: tool.title } : {}),
    ...(isObject(tool.annotations) ? { tool_annotations: tool.annotations } : {}),
    ...(typeof tool.description === 'string' ? { tool_description: tool.description } : {}),
    tool_params: args,
    tool_params_display: Object.entries(args).map(([key, value]) => ({ name: key, value, display_name: key })),
  };
  return {
    ...where,
    serverName: name,
    environmentId: null,
    mode: 'form',
    _meta: meta,
    message: `Allow the ${name} MCP server to run tool "${tool.name}"?`,
    requestedSchema: { type: 'object', properties: {} },
  };
}

async function reviewed(
  callId: string,
  { server, tool }: OfferedTool,
  args: JsonObject,
  context: ToolContext,
): Promise<string | null> {
  const { name } = server.config;
  const verdict = await autoReview(
    context,
    {
      targetItemId: callId,
      action: {
        type: 'mcpToolCall',
        server: name,
        toolName: tool.name,
        connectorId: null,
        connectorName: null,
        toolTitle: typeof tool.title === 'string' ? tool.title : null,
      },
      planned: {
        tool: 'mcp_tool_call',
        server: name,
        tool_name: tool.name,
        tool_description: tool.description ?? null,
        tool_annotations: tool.annotations ?? null,
        arguments: args,
      },
    },
    context.signal,
  );
  return verdict.allowed ? null : verdict.text;
}

/** This call was approved all the same, and for the session too: what cannot be saved is a warning. */
async function keepForGood(
  { server, tool }: OfferedTool,
  { thread }: ToolContext,
  writeConfig: ToolApprovalOptions['writeConfig'],
): Promise<void> {
  const keyPath = ['mcp_servers', server.config.name, 'tools', tool.name, 'approval_mode'].map(quoted).join('.');
  try {
    const edits = [{ keyPath, value: 'approve', mergeStrategy: 'replace' as const }];
    await writeConfig({ edits, filePath: null, expectedVersion: null });
  } catch (error) {
    const message = `the approval of ${server.config.name}/${tool.name} could not be saved: ${messageOf(error)}`;
    thread.events.notify('warning', { threadId: thread.id, message });
  }
}

const quoted = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));
