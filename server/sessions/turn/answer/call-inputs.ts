/** The calls of one response that the model still writes, and the tools that follow their input. */
import type { HistoryItem } from '../../model/provider/model-provider.js';
import { isItem } from '../../store/records/history-item.js';
import type { InputWatch, StreamedCall } from '../../tool-types/tool.js';

export interface CallInputs {
  /** A call begins. `taken`: another call of the turn has its id already. */
  begin(item: HistoryItem, taken: boolean): void;
  /** A piece of a call's input. A server that names no item means the call that began last. */
  push(itemId: string, delta: string): void;
  /** The call is complete. */
  end(callId: string): void;
}

interface OpenInput {
  readonly callId: string;
  readonly watch: InputWatch;
}

export function createCallInputs(watch: (call: StreamedCall) => InputWatch | null): CallInputs {
  const open = new Map<string, OpenInput>();
  return {
    begin(item, taken) {
      if (!isItem(item, 'custom_tool_call', 'function_call')) return;
      const { type, id, call_id: callId, name, namespace } = item;
      if (typeof callId !== 'string' || callId === '' || typeof name !== 'string' || taken) return;
      if ([...open.values()].some((other) => other.callId === callId)) return;
      const watching = watch({
        callId,
        name,
        namespace: namespace ?? null,
        kind: type === 'custom_tool_call' ? 'custom' : 'function',
      });
      if (watching === null) return;
      open.set(id ?? '', { callId, watch: watching });
      if (item.type === 'custom_tool_call' && item.input) watching.push(item.input);
    },
    push(itemId, delta) {
      const input = open.get(itemId) ?? (itemId === '' ? [...open.values()].at(-1) : undefined);
      input?.watch.push(delta);
    },
    end(callId) {
      for (const [id, input] of open) {
        if (input.callId !== callId) continue;
        open.delete(id);
        input.watch.end();
      }
    },
  };
}
