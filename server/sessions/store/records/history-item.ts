/**
 * Reads items of the model's history, and tells their types apart (schema/protocol/threads/history-item.ts).
 *
 * Files, servers and clients give items as JSON of any form. After `readHistoryItem` the members that codexd reads have
 * their types. It changes nothing else: unknown types and unknown members stay as they are.
 */
import type {
  HistoryItem,
  KnownHistoryItem,
  UnknownHistoryItem,
} from '../../../../schema/protocol/threads/history-item.js';
import { isObject } from '../../../system/node/objects.js';

export type HistoryItemType = KnownHistoryItem['type'];
export type HistoryItemOf<T extends HistoryItemType> = Extract<KnownHistoryItem, { type: T }>;
/** The output of a call of a tool. */
export type CallOutputItem = HistoryItemOf<'function_call_output' | 'custom_tool_call_output'>;

/**
 * Null: it is not an item at all. A member of the wrong type is left out, because no endpoint accepts it. An item whose
 * members are right is returned itself.
 */
export function readHistoryItem(value: unknown): HistoryItem | null {
  if (!isObject(value) || typeof value['type'] !== 'string') return null;
  const checks = checksOf(value['type']);
  if (checks === null) return isUnknownValue(value) ? value : null;
  if (isRight(value)) return value;
  const right = Object.fromEntries(
    Object.entries(value).filter(([member, content]) => checks.get(member)?.(content) !== false),
  );
  return isRight(right) ? right : null;
}

/** The type is one of the protocol's. */
export const isKnownItem = (item: HistoryItem): item is KnownHistoryItem => checksOf(item.type) !== null;

export const isUnknownItem = (item: HistoryItem): item is UnknownHistoryItem => !isKnownItem(item);

/** The item has one of these types. */
export function isItem<T extends HistoryItemType>(item: HistoryItem, ...types: readonly T[]): item is HistoryItemOf<T> {
  return types.some((type) => item.type === type);
}

/** The id of an item; null: it has none. */
export const itemIdOf = ({ id }: HistoryItem): string | null => (typeof id === 'string' && id !== '' ? id : null);

/** The id of the call that the item is or answers; null: it has none. */
export const callIdOf = ({ call_id: id }: HistoryItem): string | null => (typeof id === 'string' ? id : null);

type Check = (value: unknown) => boolean;

/** A check for each member that the schema names. */
type Checks = {
  readonly [T in HistoryItemType]: {
    readonly [M in Exclude<keyof HistoryItemOf<T>, 'type'>]-?: (value: unknown) => value is HistoryItemOf<T>[M];
  };
};

const text = (value: unknown): value is string | null => value === null || typeof value === 'string';
const list = (value: unknown): value is unknown[] | null => value === null || Array.isArray(value);
const json = (_value: unknown): _value is unknown => true;
const chat = (value: unknown): value is KnownHistoryItem['chat'] =>
  value === null ||
  (isObject(value) &&
    typeof value['provider'] === 'string' &&
    [value['message'], value['call']].every((members) => members === undefined || isObject(members)) &&
    ['undefined', 'string'].includes(typeof value['reasoning']));

const COMMON = {
  id: text,
  call_id: text,
  encrypted_content: text,
  chat,
  internal_chat_message_metadata_passthrough: json,
};
const OUTPUT = { ...COMMON, name: text, namespace: text, output: json };

const MEMBERS: Checks = {
  additional_tools: COMMON,
  message: { ...COMMON, role: text, content: list, phase: json },
  agent_message: { ...COMMON, author: text, content: list },
  reasoning: { ...COMMON, summary: list, content: list },
  local_shell_call: { ...COMMON, action: json },
  function_call: { ...COMMON, name: text, namespace: text, arguments: text },
  tool_search_call: COMMON,
  function_call_output: OUTPUT,
  custom_tool_call: { ...COMMON, name: text, namespace: text, input: text },
  custom_tool_call_output: OUTPUT,
  tool_search_output: { ...COMMON, status: text, execution: text, tools: list },
  web_search_call: { ...COMMON, action: json },
  image_generation_call: COMMON,
  compaction: COMMON,
  compaction_summary: COMMON,
  configuration_update: COMMON,
  context_compaction: COMMON,
};

const CHECKS: ReadonlyMap<string, ReadonlyMap<string, Check>> = new Map(
  Object.entries(MEMBERS).map(([type, members]) => [type, new Map<string, Check>(Object.entries(members))]),
);

const checksOf = (type: string): ReadonlyMap<string, Check> | null => CHECKS.get(type) ?? null;

function isRight(value: Readonly<Record<string, unknown>>): value is KnownHistoryItem {
  const checks = typeof value['type'] === 'string' ? checksOf(value['type']) : null;
  if (checks === null) return false;
  for (const [member, check] of checks) if (member in value && !check(value[member])) return false;
  return true;
}

const isUnknownValue = (value: Readonly<Record<string, unknown>>): value is UnknownHistoryItem =>
  typeof value['type'] === 'string' && checksOf(value['type']) === null;
