/** The tools of a thread: their definitions for the model, and the tool for each call (docs/protocol/turns.md §4). */
import { isCode } from '../../errors/codexd-error.js';
import { runHooked } from '../hooks/tool-hooks.js';
import type { ThreadState } from '../live/live-thread.js';
import type { CallOutputItem } from '../store/records/history-item.js';
import { newId } from '../store/records/thread-id.js';
import type { StreamedCall, Tool, ToolCall, ToolContext, ToolThread, Toolbox } from '../tool-types/tool.js';

export interface ToolboxOptions {
  /** In the order of the definitions. */
  readonly tools: readonly Tool[];
  /** For names that no tool has: the tools of servers, and of the client. Null: there is none. */
  readonly otherTool: (call: ToolCall, state: ThreadState, thread: ToolThread) => Tool | null;
  /** Declarations behind ours: of servers, of what the endpoint does itself (web search), of the client. */
  readonly more: (state: ThreadState, thread: ToolThread) => readonly { readonly type: string }[];
}

export function createToolbox({ tools, otherTool, more }: ToolboxOptions): Toolbox {
  return {
    definitions: (state, thread) => [...tools.flatMap((tool) => tool.definition(state) ?? []), ...more(state, thread)],
    changesFiles: (call, state, thread) => find(call, state, thread)?.changesFiles?.(call) ?? false,
    watchInput: (call, context) => known(call, context.state)?.watchInput?.(call, context) ?? null,
    async run(call, context) {
      return answer(call, await outputOf(call, context));
    },
  };

  async function outputOf(call: ToolCall, context: ToolContext): Promise<unknown> {
    const tool = find(call, context.state, context.thread);
    if (tool === null) {
      const name = `${call.namespace ?? ''}${call.name}`;
      return call.kind === 'custom' ? `unsupported custom tool call: ${name}` : `unsupported call: ${name}`;
    }
    try {
      return await runHooked(tool, call, context);
    } catch (error) {
      if (isCode(error, 'tool.arguments')) return `failed to parse function arguments: ${error.message}`;
      throw error;
    }
  }

  function find(call: ToolCall, state: ThreadState, thread: ToolThread): Tool | null {
    return known(call, state) ?? (call.kind === 'custom' ? null : otherTool(call, state, thread));
  }

  /** codexd's own tool of that name, if this state offers it. */
  function known({ name, namespace, kind }: StreamedCall, state: ThreadState): Tool | null {
    const tool = namespace === null ? tools.find((one) => one.name === name) : undefined;
    const definition = tool?.definition(state) ?? null;
    if (tool === undefined || definition === null) return null;
    return (definition.type === 'custom') === (kind === 'custom') ? tool : null;
  }
}

/** The item that answers the call, in the form for its kind. */
export function answer(call: ToolCall, output: unknown): CallOutputItem {
  return call.kind === 'custom'
    ? { type: 'custom_tool_call_output', id: `ctco_${newId()}`, call_id: call.callId, output }
    : { type: 'function_call_output', id: `fco_${newId()}`, call_id: call.callId, output };
}
