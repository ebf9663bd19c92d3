/** One call of a tool of an MCP server, in a turn (docs/protocol/services.md §7, "Calls in a turn"). */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import { messageOf } from '../../../errors/message-of.js';
import { countdown } from '../../../exec/end/expiration.js';
import { wireDenial } from '../../../exec/methods/denial-line.js';
import type { McpServer } from '../../mcp/mcp-server.js';
import { faultText, type Answer, type JsonObject, type ToolResult } from '../../mcp/shape/connection.js';
import type { Budget } from '../../shell/model-output.js';
import type { ThreadState } from '../../runtime/thread-state.js';
import type { HookedCall, Tool, ToolCall, ToolContext, ToolOutput } from '../../tool-types/tool.js';
import type { ImageTaking } from '../files/image-data.js';
import { callWork } from './call-work.js';
import { failureOutput, itemResult, modelOutput } from './call-output.js';
import type { OfferedTool } from './offered-tools.js';
import { approveTool, type ToolApprovalOptions } from './tool-approval.js';
import { isObject } from '../../../system/node/objects.js';
import { untilAborted } from '../../../system/node/until-aborted.js';
import { LONGEST_TIMER_MS } from '../../../system/node/timers.js';

export interface McpCallOptions extends ToolApprovalOptions {
  /** How much of a result the model takes. */
  readonly budget: (state: ThreadState) => Budget;
  /** What the model takes of images. */
  readonly images: (state: ThreadState) => ImageTaking;
}

type Item = Extract<ThreadItem, { type: 'mcpToolCall' }>;

/** The tool as the toolbox runs it. Its definition stands in its server's namespace (offered-tools.ts). */
export function mcpTool(offered: OfferedTool, options: McpCallOptions): Tool {
  const { server, tool, name } = offered;
  return {
    name,
    definition: () => null,
    // What only reads runs beside anything; everything else one after the other.
    changesFiles: () => !server.config.parallel && readOnlyHint(tool.annotations) !== true,
    hooked: (call) => hookedMcpCall(offered, call),
    run: (call, context) => run(offered, call, context, options),
  };
}

/** `mcp__SERVER__TOOL`, in the characters that models take. Null: the arguments are not JSON. */
function hookedMcpCall({ namespace, name }: OfferedTool, call: ToolCall): HookedCall | null {
  let input: unknown;
  try {
    input = JSON.parse(call.input === '' ? '{}' : call.input);
  } catch {
    return null;
  }
  const withInput = (changed: unknown): ToolCall => ({ ...call, input: JSON.stringify(changed) });
  return { names: [`${namespace}__${name}`], input, withInput };
}

async function run(
  offered: OfferedTool,
  call: ToolCall,
  context: ToolContext,
  options: McpCallOptions,
): Promise<ToolOutput> {
  const { turn, state, signal } = context;
  const { server, tool } = offered;
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let args: Item['arguments'];
  try {
    args = JSON.parse(call.input === '' ? '{}' : call.input) as Item['arguments'];
  } catch (error) {
    return failureOutput(`err: ${messageOf(error)}`, elapsed());
  }
  const item: Item = {
    type: 'mcpToolCall',
    id: call.callId,
    server: server.config.name,
    environmentId: null,
    tool: tool.name,
    status: 'inProgress',
    arguments: args,
    appContext: null,
    mcpAppUi: null,
    pluginId: server.config.pluginId,
    readOnlyHint: readOnlyHint(tool.annotations),
    result: null,
    error: null,
    durationMs: null,
  };
  const complete = (end: Pick<Item, 'status' | 'result' | 'error' | 'networkDenial'>): void =>
    turn.itemCompleted({ ...item, ...end, durationMs: Math.round(elapsed()) });
  const failed = (message: string, more: Pick<Item, 'networkDenial'> = {}): ToolOutput => {
    complete({ status: 'failed', result: null, error: { message }, ...more });
    return failureOutput(message, elapsed());
  };
  turn.itemStarted(item);
  try {
    if (!isObject(args)) {
      return failed(
        callError(server, tool.name, `MCP tool arguments must be a JSON object, got ${JSON.stringify(args)}`),
      );
    }
    const refused = await approveTool(call.callId, offered, args, context, options);
    if (refused !== null) return failed(refused);
    const answer = await callServer(offered, call.input === '' ? null : args, call, context);
    if (!answer.ok) {
      const { fault } = answer;
      const networkDenial = fault.kind === 'denied' ? { networkDenial: wireDenial(fault.denial) } : {};
      return failed(callError(server, tool.name, faultText(fault, 'tools/call')), networkDenial);
    }
    const { result } = answer;
    complete({ status: result.isError === true ? 'failed' : 'completed', result: itemResult(result), error: null });
    context.responded?.({ response: result });
    return await modelOutput(result, elapsed(), options.budget(state), options.images(state));
  } catch (error) {
    if (signal.aborted) failed('the turn was interrupted');
    throw error;
  }
}

const callError = ({ config }: McpServer, tool: string, cause: string): string =>
  `tool call error: tool call failed for \`${config.name}/${tool}\`\n\nCaused by:\n    ${cause}`;

/** Rejects only with the reason of the turn's signal. */
async function callServer(
  { server, tool }: OfferedTool,
  args: JsonObject | null,
  { callId }: ToolCall,
  context: ToolContext,
): Promise<Answer<ToolResult>> {
  const { thread, turn, state, signal } = context;
  const { toolTimeoutMs } = server.config;
  server.start();
  await untilAborted(server.settled(), signal);
  const { connection } = server;
  if (connection === null || server.status !== 'connected') {
    return { ok: false, fault: { kind: 'other', message: server.error ?? 'the server is not connected' } };
  }
  // Its time does not run while it waits for a person, or for an earlier call of the server.
  const late = new AbortController();
  const clock = countdown(toolTimeoutMs, () => late.abort(LATE));
  let reasons = 0;
  const waits = (open: boolean): void => {
    reasons += open ? 1 : -1;
    if (reasons > 0) clock.pause();
    else clock.resume();
  };
  const unwatch = server.watchQuestions(waits);
  const unpause = thread.runtime.pauses.watch(waits);
  try {
    const answer = await connection.call(
      {
        name: tool.name,
        arguments: args,
        meta: {
          callId,
          threadId: thread.id,
          sessionId: thread.id,
          'x-codex-turn-metadata': {
            session_id: thread.id,
            thread_id: thread.id,
            turn_id: turn.id,
            model: state.wire.model,
          },
        },
        onProgress: progressTeller(thread, turn.id, callId),
      },
      {
        // The call has a clock of its own.
        timeoutMs: LONGEST_TIMER_MS,
        signal: AbortSignal.any([signal, late.signal]),
        work: callWork(context, callId, server, tool.name, waits),
      },
    );
    if (answer.ok) server.answered();
    return answer;
  } catch (error) {
    if (signal.aborted || error !== LATE) throw error;
    return { ok: false, fault: { kind: 'timeout', ms: toolTimeoutMs } };
  } finally {
    unpause();
    unwatch();
    clock.stop();
  }
}

const LATE = new Error('the tool took too long');
/** A server that tells of its progress all the time is heard this often, in milliseconds. */
const PROGRESS_MS = 100;
/** Characters of a message about progress. */
const MAX_PROGRESS = 2_000;

function progressTeller(thread: ToolContext['thread'], turnId: string, itemId: string): (message: string) => void {
  let told = -Infinity;
  return (message) => {
    if (message === '' || performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    const text = message.slice(0, MAX_PROGRESS);
    thread.events.notify('item/mcpToolCall/progress', { threadId: thread.id, turnId, itemId, message: text });
  };
}

function readOnlyHint(annotations: unknown): boolean | null {
  const hint = isObject(annotations) ? annotations.readOnlyHint : null;
  return typeof hint === 'boolean' ? hint : null;
}
