/** The input of the model that represents a thread's history (docs/protocol/threads.md §12.2, §12.3). */
import type { ResponseItem } from '../../../../schema/protocol/threads/response-item.js';
import type { RecordPayload } from './rollout-record.js';
import { isObject } from './sniff-record.js';

export interface ModelHistoryBuilder {
  /**
   * Marks the beginning of a turn: a rollback may return to it. `implicit`: the turn's user message was added before.
   */
  turnOpened(implicit: boolean): void;
  responseItem(payload: RecordPayload): void;
  compacted(payload: RecordPayload): void;
  /** Removes the last turns, also across a compaction. */
  rolledBack(turns: number): void;
  result(): ResponseItem[];
}

export function createModelHistory(): ModelHistoryBuilder {
  let items: ResponseItem[] = [];
  /** A compaction replaces the list and does not change it, so a rollback can return to the old list. */
  const turns: { readonly items: ResponseItem[]; readonly length: number }[] = [];
  return {
    turnOpened(implicit) {
      const own = implicit && isUserMessage(items.at(-1)) ? 1 : 0;
      turns.push({ items, length: items.length - own });
    },
    responseItem(payload) {
      if (isKnown(payload)) items.push(payload as unknown as ResponseItem);
    },
    compacted(payload) {
      const replacement = payload['replacement_history'];
      items = Array.isArray(replacement)
        ? (replacement.filter((item) => isObject(item) && isKnown(item)) as ResponseItem[])
        : [...items.filter(isOwnWords), userMessage(typeof payload['message'] === 'string' ? payload['message'] : '')];
    },
    rolledBack(count) {
      if (count <= 0) return;
      const point = turns.splice(Math.max(0, turns.length - count))[0];
      if (point === undefined) return;
      items = point.items.slice(0, point.length);
    },
    result: () => withOutputs(items),
  };
}

/** The item types of the protocol; others are skipped (docs/protocol/threads.md §12.2). */
const KNOWN: ReadonlySet<unknown> = new Set([
  'additional_tools',
  'message',
  'agent_message',
  'reasoning',
  'local_shell_call',
  'function_call',
  'tool_search_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'tool_search_output',
  'web_search_call',
  'image_generation_call',
  'compaction',
  'configuration_update',
  'context_compaction',
]);

export const isKnown = (item: RecordPayload): boolean => KNOWN.has(item['type']);

/** For each type of call, the type of its output. */
const OUTPUT_OF: Readonly<Record<string, string>> = {
  function_call: 'function_call_output',
  local_shell_call: 'function_call_output',
  custom_tool_call: 'custom_tool_call_output',
};
const OUTPUTS: ReadonlySet<string> = new Set(Object.values(OUTPUT_OF));

/**
 * A call without an output gets the output `aborted`; an output without its call is dropped (docs/protocol/threads.md
 * §12.3).
 */
function withOutputs(items: readonly ResponseItem[]): ResponseItem[] {
  const calls = new Set<string>();
  const answered = new Set<string>();
  for (const item of items) {
    const callId = (item as { call_id?: string | null }).call_id;
    if (typeof callId !== 'string') continue;
    const output = OUTPUT_OF[item.type];
    if (output !== undefined) calls.add(`${output} ${callId}`);
    else if (OUTPUTS.has(item.type)) answered.add(`${item.type} ${callId}`);
  }
  return items.flatMap((item): ResponseItem[] => {
    const callId = (item as { call_id?: string | null }).call_id;
    if (typeof callId !== 'string') return [item];
    const output = OUTPUT_OF[item.type];
    if (output !== undefined && !answered.has(`${output} ${callId}`))
      return [item, { type: output, call_id: callId, output: 'aborted' } as ResponseItem];
    if (OUTPUTS.has(item.type) && !calls.has(`${item.type} ${callId}`)) return [];
    return [item];
  });
}

type Message = Extract<ResponseItem, { type: 'message' }>;

const isUserMessage = (item: ResponseItem | undefined): item is Message =>
  item?.type === 'message' && item.role === 'user';

/** Matches context that precedes a turn. It is sent again after a compaction, which keeps only the user's own words. */
const CONTEXT =
  /^\s*(<(environment_context|turn_aborted|user_shell_command|user_instructions|skill)>|# AGENTS\.md instructions)/;

function isOwnWords(item: ResponseItem): boolean {
  if (!isUserMessage(item)) return false;
  const first = item.content[0];
  return !(first?.type === 'input_text' && CONTEXT.test(first.text));
}

function userMessage(text: string): ResponseItem {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}
