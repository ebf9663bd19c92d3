/** The history without the parts that an endpoint refuses (left-out-rules.ts). */
import { createHash } from 'node:crypto';
import type { HistoryItem } from '../model/provider/model-provider.js';
import type { LeftOutRule } from '../runtime/left-out.js';

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
  const calls = new Set(items.filter(goes).flatMap(({ call_id: id }) => (typeof id === 'string' ? [id] : [])));
  const sent: HistoryItem[] = [];
  const origins: HistoryItem[] = [];
  for (const item of items) {
    if (goes(item) || (typeof item.call_id === 'string' && calls.has(item.call_id))) continue;
    const rest = rules.reduce(without, item);
    if (rest.type === 'reasoning' && !saysSomething(rest)) continue;
    sent.push(rest);
    origins.push(item);
  }
  return { sent, origins };
}

function without(item: HistoryItem, rule: LeftOutRule): HistoryItem {
  switch (rule.what) {
    case 'member': {
      if (item.type !== rule.type || !(rule.member in item)) return item;
      const { [rule.member]: _, ...rest } = item;
      return { ...rest, type: item.type };
    }
    case 'parts':
      return {
        ...item,
        ...(Array.isArray(item.content) ? { content: item.content.map(inWords(item, rule.type)) } : {}),
        ...(Array.isArray(item.output) ? { output: item.output.map(inWords(item, rule.type)) } : {}),
      };
    case 'plain-output':
      return item.type === rule.type && typeof item.output !== 'string'
        ? { ...item, output: plainText(item.output) }
        : item;
    default:
      return item;
  }
}

/** A text that names the removed part of this type. */
const inWords =
  ({ role }: HistoryItem, type: string) =>
  (part: unknown): unknown =>
    typeOf(part) === type
      ? {
          type: role === 'assistant' ? 'output_text' : 'input_text',
          text: `[${NAMES[type] ?? type} left out: the model endpoint does not take them]`,
        }
      : part;

function plainText(output: unknown): string {
  if (!Array.isArray(output)) return output === null || output === undefined ? '' : JSON.stringify(output);
  const texts = (output as readonly { readonly type?: unknown; readonly text?: unknown }[]).map((part) =>
    typeof part?.text === 'string' ? part.text : `[${NAMES[typeOf(part)] ?? (typeOf(part) || 'something')} left out]`,
  );
  return texts.join('\n');
}

/** The key that identifies an item: its id, else its content. */
export function keyOf(item: HistoryItem): string {
  const { id, call_id: callId, type } = item;
  if (typeof id === 'string' && id !== '') return id;
  if (typeof callId === 'string' && callId !== '') return `${type} ${callId}`;
  return createHash('sha256').update(JSON.stringify(item)).digest('base64url');
}

const saysSomething = ({ summary, content, encrypted_content: secret }: HistoryItem): boolean =>
  hasParts(summary) || hasParts(content) || (typeof secret === 'string' && secret !== '');

/** The name of a part's type, for people. */
export const NAMES: Readonly<Record<string, string>> = {
  input_image: 'images',
  input_audio: 'audio',
  input_file: 'files',
};

export const hasParts = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
export const partTypes = (list: unknown): string[] => (Array.isArray(list) ? list.map(typeOf) : []);

function typeOf(part: unknown): string {
  const { type } = (part ?? {}) as { readonly type?: unknown };
  return typeof type === 'string' ? type : '';
}
