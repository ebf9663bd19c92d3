/** The input of the model that represents a thread's history (docs/protocol/threads.md §12.2, §12.3). */
import type { KnownHistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import { callIdOf, type HistoryItemOf } from './history-item.js';
import { itemForModel } from './item-for-model.js';
import { isObject } from '../../../system/node/objects.js';
import type { RecordMetadata, RecordPayload } from './rollout-record.js';

export interface ModelHistory {
  readonly items: KnownHistoryItem[];
  /** The ids of items that compactions keep (docs/protocol/threads.md §10). */
  readonly retained: ReadonlySet<string>;
}

export interface ModelHistoryBuilder {
  /**
   * Marks the beginning of a turn: a rollback may return to it. `implicit`: the turn's user message was added before.
   */
  turnOpened(implicit: boolean): void;
  /** `metadata`: of the record. */
  responseItem(payload: RecordPayload, metadata?: RecordMetadata): void;
  compacted(payload: RecordPayload): void;
  /** Removes the last turns, also across a compaction. */
  rolledBack(turns: number): void;
  result(): ModelHistory;
}

export function createModelHistory(): ModelHistoryBuilder {
  let items: KnownHistoryItem[] = [];
  const retained = new Set<string>();
  /** A compaction replaces the list and does not change it, so a rollback can return to the old list. */
  const turns: { readonly items: KnownHistoryItem[]; readonly length: number }[] = [];
  return {
    turnOpened(implicit) {
      const own = implicit && isUserMessage(items.at(-1)) ? 1 : 0;
      turns.push({ items, length: items.length - own });
    },
    responseItem(payload, metadata) {
      if (isRetained(payload, metadata)) retained.add(payload['id']);
      const item = itemForModel(payload);
      if (item !== null) items.push(item);
    },
    compacted(payload) {
      const replacement = replacementIn(payload);
      for (const id of retainedIn(payload)) retained.add(id);
      if (replacement !== null) items = replacement.flatMap((item) => itemForModel(item) ?? []);
      else if (typeof payload['message'] === 'string')
        items = [...items.filter(isOwnWords), userMessage(payload['message'])];
      // A compaction without a text replaces nothing.
    },
    rolledBack(count) {
      if (count <= 0) return;
      const point = turns.splice(Math.max(0, turns.length - count))[0];
      if (point === undefined) return;
      items = point.items.slice(0, point.length);
    },
    result: () => ({ items: withOutputs(items), retained }),
  };
}

/** The whole history with which a compaction begins; null: it has none that can be read. */
export function replacementIn({ replacement_history: replacement }: RecordPayload): readonly RecordPayload[] | null {
  return Array.isArray(replacement) && replacement.every(isObject) ? replacement : null;
}

/** The ids of a compaction's items that the next one keeps as well. */
export function retainedIn(payload: RecordPayload): string[] {
  const { replacement_history_metadata: all } = payload;
  const metadata: readonly unknown[] = Array.isArray(all) ? all : [];
  return (replacementIn(payload) ?? []).flatMap((item, at) => (isRetained(item, metadata[at]) ? [item['id']] : []));
}

/** The item's record is marked to stay in every window. */
export function isRetained(item: RecordPayload, metadata: unknown): item is RecordPayload & { readonly id: string } {
  return typeof item['id'] === 'string' && isObject(metadata) && metadata['retain_across_windows'] === true;
}

/** The mark, as in the official program's files (0.171). */
export const retention = (stays: boolean): RecordMetadata => ({ retain_across_windows: stays });

type OutputType = 'function_call_output' | 'custom_tool_call_output' | 'tool_search_output';

/** For each type of call, the type of its output. */
const OUTPUT_OF: Readonly<Record<string, OutputType>> = {
  function_call: 'function_call_output',
  local_shell_call: 'function_call_output',
  custom_tool_call: 'custom_tool_call_output',
  tool_search_call: 'tool_search_output',
};
/** The type of the output of a call of this type; null: it is no call. */
export const outputTypeOf = (type: string): OutputType | null => OUTPUT_OF[type] ?? null;
const OUTPUTS: ReadonlySet<string> = new Set(Object.values(OUTPUT_OF));

/**
 * A call without an output gets the output `aborted`; an output without its call is dropped (docs/protocol/threads.md
 * §12.3).
 */
function withOutputs(items: readonly KnownHistoryItem[]): KnownHistoryItem[] {
  const calls = new Set<string>();
  const answered = new Set<string>();
  for (const item of items) {
    const callId = callIdOf(item);
    if (callId === null) continue;
    const output = OUTPUT_OF[item.type];
    if (output !== undefined) calls.add(`${output} ${callId}`);
    else if (OUTPUTS.has(item.type)) answered.add(`${item.type} ${callId}`);
  }
  const whole = items.flatMap((item): KnownHistoryItem[] => {
    const callId = callIdOf(item);
    if (callId === null) return [item];
    const output = OUTPUT_OF[item.type];
    if (output !== undefined && !answered.has(`${output} ${callId}`)) return [item, missingOutput(output, callId)];
    if (OUTPUTS.has(item.type) && !calls.has(`${item.type} ${callId}`) && !isOfServer(item)) return [];
    return [item];
  });
  return behindOutputs(whole);
}

/**
 * Endpoints refuse what stands between a call and its output. A message that came while a call ran, such as an injected
 * one, goes behind the outputs of the calls that were open.
 */
function behindOutputs(items: readonly KnownHistoryItem[]): KnownHistoryItem[] {
  const open = new Set<string>();
  const ordered: KnownHistoryItem[] = [];
  let waiting: KnownHistoryItem[] = [];
  for (const item of items) {
    const callId = callIdOf(item);
    const output = OUTPUT_OF[item.type];
    if (callId !== null && output !== undefined) open.add(`${output} ${callId}`);
    if (callId !== null && OUTPUTS.has(item.type)) open.delete(`${item.type} ${callId}`);
    if (open.size > 0 && item.type === 'message' && item.role !== 'assistant') waiting.push(item);
    else ordered.push(item);
    if (open.size > 0 || waiting.length === 0) continue;
    ordered.push(...waiting);
    waiting = [];
  }
  return [...ordered, ...waiting];
}

const missingOutput = (type: OutputType, callId: string): KnownHistoryItem =>
  type === 'tool_search_output'
    ? { type, call_id: callId, status: 'completed', execution: 'client', tools: [] }
    : { type, call_id: callId, output: 'aborted' };

/** The endpoint searched by itself: what it found needs no call. */
const isOfServer = (item: KnownHistoryItem): boolean =>
  item.type === 'tool_search_output' && item.execution === 'server';

const isUserMessage = (item: KnownHistoryItem | undefined): item is HistoryItemOf<'message'> =>
  item?.type === 'message' && item.role === 'user';

/** Matches context that precedes a turn. It is sent again after a compaction, which keeps only the user's own words. */
const CONTEXT =
  /^\s*(<(environment_context|turn_aborted|user_shell_command|user_instructions|skill)>|# AGENTS\.md instructions)/;

function isOwnWords(item: KnownHistoryItem): boolean {
  if (!isUserMessage(item)) return false;
  const first = item.content?.[0];
  return !(
    isObject(first) &&
    first['type'] === 'input_text' &&
    typeof first['text'] === 'string' &&
    CONTEXT.test(first['text'])
  );
}

function userMessage(text: string): KnownHistoryItem {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}
