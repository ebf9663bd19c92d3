/** Finds the part of the history to omit, from an endpoint's refusal (without-left-out.ts omits it). */
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { Refused } from '../model/provider/refused.js';
import type { LeftOutRule } from '../runtime/left-out.js';
import { isItem } from '../store/records/history-item.js';
import type { RecordPayload } from '../store/records/rollout-record.js';
import { isObject } from '../../system/node/objects.js';
import { hasParts, keyOf, NAMES, partTypes } from './without-left-out.js';

export interface Removal {
  readonly rules: readonly LeftOutRule[];
  /** The omitted part, for people: `the encrypted reasoning of earlier answers`. */
  readonly what: string;
}

/** Without these there is no conversation: an endpoint that refuses these kinds cannot be used. */
const NEEDED_TYPES: ReadonlySet<string> = new Set(['message', 'function_call', 'function_call_output']);
/** Without one of these an item of its kind has no content. */
const NEEDED_MEMBERS: ReadonlySet<string> = new Set([
  ...['type', 'role', 'content', 'call_id', 'name', 'arguments', 'input', 'output', 'action', 'summary'],
]);
const REASONING_MEMBERS: ReadonlySet<string> = new Set([
  'reasoning',
  'reasoning_content',
  'reasoning_text',
  'thinking',
]);
const IMAGE_STEPS: ReadonlySet<string> = new Set(['image_url', 'input_image']);

/** `items`: the history's items as they were sent, in the request's order. Null: no part of it may be omitted. */
export function removalFor(refused: Refused, items: readonly HistoryItem[]): Removal | null {
  switch (refused.kind) {
    case 'encrypted':
      return encryptedRemoval(items);
    case 'reasoning-text':
      return reasoningTextRemoval(items);
    case 'parts':
      return partsRemoval(refused.type, items);
    case 'id': {
      const item = items.find(({ id }) => id === refused.of);
      return item === undefined ? null : memberRemoval(item, 'id');
    }
    case 'place':
      return placeRemoval(refused, items);
    case 'named':
      return namedRemoval(refused.names, items);
  }
}

function encryptedRemoval(items: readonly HistoryItem[]): Removal | null {
  // Later answers are this endpoint's own: only existing ones are removed.
  const refused = items.filter(({ encrypted_content: secret }) => typeof secret === 'string' && secret !== '');
  if (refused.length === 0) return null;
  const rules = refused.map((item): LeftOutRule => ({ what: 'item', item: keyOf(item) }));
  return { rules, what: 'the encrypted reasoning of earlier answers' };
}

function reasoningTextRemoval(items: readonly HistoryItem[]): Removal | null {
  if (!items.some((item) => isItem(item, 'reasoning') && hasParts(item.content))) return null;
  return { rules: [{ what: 'member', type: 'reasoning', member: 'content' }], what: "the model's reasoning as text" };
}

function partsRemoval(type: string, items: readonly HistoryItem[]): Removal | null {
  const there = items.some((item) => {
    const { content, output }: RecordPayload = item;
    return [content, output].some((list) => partTypes(list).includes(type));
  });
  if (!there || TEXT_PARTS.has(type)) return null;
  return { rules: [{ what: 'parts', type }], what: `${NAMES[type] ?? `parts of the type \`${type}\``}` };
}

function placeRemoval(
  { items: indexes, path }: Extract<Refused, { kind: 'place' }>,
  items: readonly HistoryItem[],
): Removal | null {
  const all = indexes.flatMap((index) => items[index] ?? []);
  if (path.some((step) => REASONING_MEMBERS.has(step))) return reasoningTextRemoval(all);
  if (path.some((step) => IMAGE_STEPS.has(step))) return partsRemoval('input_image', all);
  const named = path.includes('tool_calls') ? all.filter(({ type }) => type.endsWith('_call')) : all;
  if (path[0] === 'type' && named.some(({ type }) => NEEDED_TYPES.has(type))) return null;
  for (const item of named) {
    const found = inItem(item, path, items);
    if (found !== null) return found;
  }
  // On the other wire several items are one message, so the calls in it are removed with it.
  const removable = named.filter(isRemovable);
  if (removable.length === 0) return null;
  return { rules: removable.map((item) => ({ what: 'item', item: keyOf(item) })), what: nameOf(removable[0]!) };
}

/** The rule for the path in the item; null: the path leads to nothing that can be removed. */
function inItem(item: HistoryItem, path: readonly string[], items: readonly HistoryItem[]): Removal | null {
  const start = path.findIndex((step) => step in item);
  const members: RecordPayload = item;
  const [member, index] = [path[start], Number(path[start + 1])];
  if (extraOf(item, path)) return memberRemoval(item, 'chat');
  if (member === undefined) return null;
  if (member === 'encrypted_content') return encryptedRemoval(items);
  if (member === 'type') return typeRemoval(item.type);
  if (item.type === 'reasoning' && member === 'content') return reasoningTextRemoval([item]);
  if (member === 'content' || member === 'output') {
    const types = partTypes(members[member]);
    // Without a place in the content, the content shall be plain text.
    const type = Number.isNaN(index) ? types.find((one) => !TEXT_PARTS.has(one)) : types[index];
    if (type !== undefined && !TEXT_PARTS.has(type)) return partsRemoval(type, [item]);
    if (member === 'output' && typeof members.output !== 'string')
      return { rules: [{ what: 'plain-output', type: item.type }], what: 'what tools gave besides text' };
  }
  return NEEDED_MEMBERS.has(member) ? null : memberRemoval(item, member);
}

function namedRemoval(names: readonly string[], items: readonly HistoryItem[]): Removal | null {
  const byId = items.find(
    (item) => isRemovable(item) && [item.id, item.call_id].some((id) => names.includes(String(id))),
  );
  if (byId !== undefined) return { rules: [{ what: 'item', item: keyOf(byId) }], what: nameOf(byId) };
  const type = names.find((name) => items.some((item) => item.type === name));
  return type === undefined ? null : typeRemoval(type);
}

const typeRemoval = (type: string): Removal | null =>
  NEEDED_TYPES.has(type) ? null : { rules: [{ what: 'type', type }], what: `items of the type \`${type}\`` };

const memberRemoval = ({ type }: HistoryItem, member: string): Removal => ({
  rules: [{ what: 'member', type, member }],
  what: `the member \`${member}\` of items of the type \`${type}\``,
});

const nameOf = (item: HistoryItem): string => {
  const { id, name, call_id: callId }: RecordPayload = item;
  const which = [name, id, callId].find((text): text is string => typeof text === 'string' && text !== '');
  return `an item of the type \`${item.type}\`${which === undefined ? '' : ` (${which})`}`;
};

/** Messages of people and of codexd stay. */
const isRemovable = (item: HistoryItem): boolean => !isItem(item, 'message') || item.role === 'assistant';

/** Members that another server of the chat wire sent, by their names. */
function extraOf({ chat }: HistoryItem, path: readonly string[]): boolean {
  const parts = isObject(chat) ? [chat['message'], chat['call']].filter(isObject) : [];
  return path.some((step) => parts.some((members) => Object.hasOwn(members, step)));
}

const TEXT_PARTS: ReadonlySet<string> = new Set(['input_text', 'output_text', 'text', 'refusal', 'summary_text']);
