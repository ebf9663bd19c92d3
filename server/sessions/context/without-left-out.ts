/** The history without the parts that an endpoint refuses (left-out-rules.ts). */
import { createHash } from 'node:crypto';
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { LeftOutRule } from '../runtime/left-out.js';
import { callIdOf, isItem, itemIdOf, readHistoryItem, type HistoryItemOf } from '../store/records/history-item.js';
import type { RecordPayload } from '../store/records/rollout-record.js';
import { isObject } from '../../system/node/objects.js';

export interface WithoutLeftOut {
  readonly sent: readonly HistoryItem[];
  /** For each item that is sent, the original item of the history. */
  readonly origins: readonly HistoryItem[];
}

/** The history in the form that this endpoint accepts. */
export function withoutLeftOut(items: readonly HistoryItem[], rules: readonly LeftOutRule[]): WithoutLeftOut {
  if (rules.length === 0) return { sent: items, origins: items };
  const keys = new Set(rules.flatMap((rule) => (rule.what === 'item' ? [rule.item] : [])));
  const types = new Set(rules.flatMap((rule) => (rule.what === 'type' ? [rule.type] : [])));
  const goes = (item: HistoryItem): boolean => types.has(item.type) || keys.has(keyOf(item));
  // A call and its output are removed together.
  const calls = new Set(items.filter(goes).flatMap((item) => callIdOf(item) ?? []));
  const sent: HistoryItem[] = [];
  const origins: HistoryItem[] = [];
  for (const item of items) {
    if (goes(item) || calls.has(callIdOf(item) ?? '')) continue;
    const rest = rules.reduce(without, item);
    if (isItem(rest, 'reasoning') && !saysSomething(rest)) continue;
    sent.push(rest);
    origins.push(item);
  }
  return { sent, origins };
}

/** The rules name members by what an endpoint wrote, so this reads an item as JSON. */
function without(item: HistoryItem, rule: LeftOutRule): HistoryItem {
  const members: RecordPayload = item;
  const changed = (change: RecordPayload): HistoryItem => readHistoryItem({ ...members, ...change }) ?? item;
  switch (rule.what) {
    case 'member': {
      if (item.type !== rule.type || rule.member === 'type' || !(rule.member in item)) return item;
      const { [rule.member]: _, ...rest } = members;
      return readHistoryItem(rest) ?? item;
    }
    case 'parts': {
      const { content, output } = members;
      return changed({
        ...(Array.isArray(content) ? { content: content.map(inWords(members, rule.type)) } : {}),
        ...(Array.isArray(output) ? { output: output.map(inWords(members, rule.type)) } : {}),
      });
    }
    case 'plain-output': {
      const { output } = members;
      return item.type === rule.type && typeof output !== 'string' ? changed({ output: plainText(output) }) : item;
    }
    default:
      return item;
  }
}

/** A text that names the removed part of this type. */
const inWords =
  ({ role }: RecordPayload, type: string) =>
  (part: unknown): unknown =>
    typeOf(part) === type
      ? {
          type: role === 'assistant' ? 'output_text' : 'input_text',
          text: `[${NAMES[type] ?? type} left out: the model endpoint does not take them]`,
        }
      : part;

function plainText(output: unknown): string {
  if (!Array.isArray(output)) return output === null || output === undefined ? '' : JSON.stringify(output);
  const texts = output.map((part: unknown) =>
    isObject(part) && typeof part.text === 'string'
      ? part.text
      : `[${NAMES[typeOf(part)] ?? (typeOf(part) || 'something')} left out]`,
  );
  return texts.join('\n');
}

/** The key that identifies an item: its id, else its content. */
export function keyOf(item: HistoryItem): string {
  const id = itemIdOf(item);
  if (id !== null) return id;
  const callId = callIdOf(item) ?? '';
  if (callId !== '') return `${item.type} ${callId}`;
  return createHash('sha256').update(JSON.stringify(item)).digest('base64url');
}

const saysSomething = ({ summary, content, encrypted_content: secret }: HistoryItemOf<'reasoning'>): boolean =>
  hasParts(summary) || hasParts(content) || (typeof secret === 'string' && secret !== '');

/** The name of a part's type, for people. */
export const NAMES: Readonly<Record<string, string>> = {
  input_image: 'images',
  input_audio: 'audio',
  input_file: 'files',
};

export const hasParts = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
export const partTypes = (list: unknown): string[] => (Array.isArray(list) ? list.map(typeOf) : []);

const typeOf = (part: unknown): string => (isObject(part) && typeof part.type === 'string' ? part.type : '');
