/** The calls of one response: each gets a unique id, is on disk, and is passed on. */
import type { HistoryItem } from '../../model/provider/model-provider.js';
import { callIdOf, type HistoryItemOf } from '../../store/records/history-item.js';
import { newId } from '../../store/records/thread-id.js';
import type { InputWatch, StreamedCall, ToolCall } from '../../tool-types/tool.js';
import { createCallInputs } from './call-inputs.js';
import { givenId, responseRecord, type ResponseContext } from './response-context.js';

export interface ResponseCalls {
  /** An item begins, which may be a call. */
  begin(item: HistoryItem): void;
  /** A piece of a call's input. */
  grow(itemId: string, delta: string): void;
  done(history: HistoryCall): void;
}

export type HistoryCall = HistoryItemOf<'function_call' | 'custom_tool_call' | 'local_shell_call'>;

export interface ResponseCallsOptions {
  /** Follows the input of a call while the model writes it; null: nothing does. */
  readonly watchInput: (call: StreamedCall) => InputWatch | null;
  /** The call is on disk already. */
  readonly call: (call: ToolCall) => void;
}

export function createResponseCalls(
  { thread, turn }: ResponseContext,
  { watchInput, call }: ResponseCallsOptions,
): ResponseCalls {
  const calls = new Set<string>();
  const inputs = createCallInputs(watchInput);

  /** Another call or item of the turn has this id. */
  const isTaken = (callId: string): boolean => calls.has(callId) || turn.hasItem(callId);

  /** Each call of a turn gets a unique id: otherwise their outputs could not be told apart. */
  const ownId = (history: HistoryCall): string => {
    const given = callIdOf(history) ?? '';
    const callId = given !== '' && !isTaken(given) ? given : `call_${newId()}`;
    calls.add(callId);
    return callId;
  };

  return {
    begin: (item) => inputs.begin(item, isTaken(callIdOf(item) ?? '')),
    grow: (itemId, delta) => inputs.push(itemId, delta),
    done(history) {
      const callId = ownId(history);
      const own = { ...history, call_id: callId };
      const idPrefix = ID_PREFIXES[history.type];
      thread.record([responseRecord(idPrefix === null ? own : { ...own, id: givenId(own, idPrefix) })]);
      inputs.end(callId);
      call(callOf(history, callId));
    },
  };
}

/** Null: the item's id stays as it is. */
const ID_PREFIXES = { function_call: 'fc', custom_tool_call: 'ctc', local_shell_call: null } as const;

function callOf(history: HistoryCall, callId: string): ToolCall {
  if (history.type === 'local_shell_call')
    return { callId, name: 'local_shell', namespace: null, kind: 'function', input: '' };
  const named = { callId, name: history.name ?? '', namespace: history.namespace ?? null };
  return history.type === 'custom_tool_call'
    ? { ...named, kind: 'custom', input: history.input ?? '' }
    : { ...named, kind: 'function', input: history.arguments ?? '' };
}
