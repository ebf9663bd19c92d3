/**
 * Tools that the client runs: declared at thread/start, called through `item/tool/call` (docs/protocol/turns.md §4).
 */
import { messageOf } from '../../errors/message-of.js';
import { argumentError } from '../tool-types/tool-arguments.js';
import { isCode } from '../../errors/codexd-error.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import { RpcError } from '../../errors/rpc-error.js';
import type { ThreadState } from '../live/live-thread.js';
import type { ModelInfoOf } from '../model/model-info.js';
import { imagePart, isRemoteImage, REMOTE_IMAGE, type ImageTaking, type Part } from './files/image-data.js';
import type { ToolDefinition } from '../model/provider/model-provider.js';
import type { Tool, ToolCall, ToolContext, ToolOutput } from '../tool-types/tool.js';

/** The declared form; older clients omit `type`. */
interface Declared {
  readonly type?: 'function' | 'namespace';
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: unknown;
  readonly tools?: readonly Declared[];
}

const declared = (state: ThreadState): readonly Declared[] => state.dynamicTools as readonly Declared[];

export function dynamicDefinitions(state: ThreadState): readonly ToolDefinition[] {
  return declared(state).map((tool) =>
    tool.type === 'namespace'
      ? {
          type: 'namespace',
          name: tool.name,
          description: tool.description ?? '',
          tools: (tool.tools ?? []).map(functionOf),
        }
      : functionOf(tool),
  );
}

/** Null: the client declared no such tool. */
export const dynamicTool =
  (modelInfo: ModelInfoOf) =>
  (call: ToolCall, state: ThreadState): Tool | null => {
    const group =
      call.namespace === null
        ? declared(state).filter(({ type }) => type !== 'namespace')
        : (declared(state).find(({ type, name }) => type === 'namespace' && name === call.namespace)?.tools ?? []);
    const tool = group.find(({ name }) => name === call.name);
    if (tool === undefined) return null;
    const run: Tool['run'] = (called, context) => callClient(called, context, modelInfo(context.state));
    return { name: call.name, definition: () => functionOf(tool), run };
  };

function functionOf({ name, description, inputSchema }: Declared): ToolDefinition {
  return { type: 'function', name, description: description ?? '', strict: false, parameters: inputSchema };
}

type Item = Extract<ThreadItem, { type: 'dynamicToolCall' }>;

async function callClient(
  call: ToolCall,
  { thread, turn, signal, responded }: ToolContext,
  model: ImageTaking,
): Promise<ToolOutput> {
  let args: unknown;
  try {
    args = JSON.parse(call.input === '' ? '{}' : call.input);
  } catch (error) {
    throw argumentError(messageOf(error));
  }
  const item: Item = {
    type: 'dynamicToolCall',
    id: call.callId,
    namespace: call.namespace,
    tool: call.name,
    arguments: args,
    status: 'inProgress',
    contentItems: null,
    success: null,
    durationMs: null,
  };
  const started = performance.now();
  turn.itemStarted(item);
  const complete = (success: boolean, contentItems: NonNullable<Item['contentItems']>): void =>
    turn.itemCompleted({
      ...item,
      status: success ? 'completed' : 'failed',
      success,
      contentItems,
      durationMs: Math.round(performance.now() - started),
    });
  const { callId, name: tool, namespace } = call;
  try {
    const params = { threadId: thread.id, turnId: turn.id, callId, namespace, tool, arguments: args };
    const { contentItems, success } = await thread.events.ask('item/tool/call', params, signal);
    if (contentItems.some((part) => part.type === 'inputImage' && isRemoteImage(part.imageUrl))) {
      complete(false, [{ type: 'inputText', text: REMOTE_IMAGE }]);
      return REMOTE_IMAGE;
    }
    complete(success, contentItems);
    const output = await outputOf(contentItems, model);
    if (success) responded?.({ response: output });
    return output;
  } catch (error) {
    if (signal.aborted || !(error instanceof RpcError)) throw error;
    const text = isCode(error, 'answer.unusable') ? 'dynamic tool response was invalid' : 'dynamic tool request failed';
    complete(false, [{ type: 'inputText', text }]);
    return text;
  }
}

/** Text alone is reported as text. */
async function outputOf(content: NonNullable<Item['contentItems']>, model: ImageTaking): Promise<ToolOutput> {
  const texts = content.flatMap((part) => (part.type === 'inputText' ? [part.text] : []));
  if (texts.length === content.length) return texts.join('\n');
  const parts = content.map(async (part): Promise<readonly Part[]> => {
    if (part.type === 'inputText') return [{ type: 'input_text', text: part.text }];
    return part.type === 'inputImage' ? [await imagePart(part.imageUrl, 'high', model)] : [];
  });
  return (await Promise.all(parts)).flat();
}
