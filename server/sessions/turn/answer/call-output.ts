/** Runs one call of the model, and makes an output of every end that it can have (docs/protocol/turns.md §4). */
import { describe } from '../../../errors/describe.js';
import { messageOf } from '../../../errors/message-of.js';
import type { Logger } from '../../../log/log.js';
import type { CallOutputItem } from '../../store/records/history-item.js';
import type { ToolCall, ToolContext, Toolbox } from '../../tool-types/tool.js';
import { answer } from '../../tools/toolbox.js';

export interface CallServices {
  readonly toolbox: Pick<Toolbox, 'run'>;
  readonly log: Pick<Logger, 'error'>;
}

/**
 * The output of the call; never rejects. A call that waited for earlier ones does not start after the turn was aborted:
 * its output says so, as that of a call which the abort ended.
 */
export async function callOutput(
  call: ToolCall,
  context: ToolContext,
  { toolbox, log }: CallServices,
): Promise<CallOutputItem> {
  const { signal } = context;
  const started = performance.now();
  try {
    signal.throwIfAborted();
    return await toolbox.run(call, context);
  } catch (error) {
    if (!signal.aborted) log.error(...describe(`tool ${call.name} failed`, error));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const text = signal.aborted
      ? `Wall time: ${seconds} seconds\naborted by user`
      : `${call.name} failed: ${messageOf(error)}`;
    return answer(call, text);
  }
}
