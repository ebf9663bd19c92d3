/**
 * Converts one stored item to the form that endpoints accept (docs/protocol/threads.md §12.2). Files of older versions
 * and of other programs have forms that endpoints refuse. The meaning of an item stays, and the file is not changed.
 */
import type { KnownHistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import { isObject } from '../../../system/node/objects.js';
import { isKnownItem, readHistoryItem } from './history-item.js';
import type { RecordPayload } from './rollout-record.js';

/**
 * Null: no endpoint accepts the item in any form, or its type is unknown. An item in the usual form is returned
 * unchanged.
 */
export function itemForModel(stored: RecordPayload): KnownHistoryItem | null {
  const { id, ...withoutId } = stored;
  const item = readHistoryItem(usual(id === null ? withoutId : stored));
  return item !== null && isKnownItem(item) ? item : null;
}

function usual(item: RecordPayload): RecordPayload | null {
  switch (item['type']) {
    case 'message':
      return message(item);
    case 'agent_message':
      return Array.isArray(item['content']) ? item : null;
    case 'reasoning':
      return reasoning(item);
    case 'function_call': {
      const { arguments: input, call_id: callId } = item;
      // Nothing can answer a call without an id.
      if (typeof callId !== 'string') return null;
      return typeof input === 'string' ? item : { ...item, arguments: JSON.stringify(input ?? {}) };
    }
    case 'custom_tool_call':
      return typeof item['call_id'] === 'string' ? item : null;
    case 'local_shell_call':
      return shellCall(item);
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const output = outputOf(item['output']);
      if (output === undefined) return null;
      return output === item['output'] ? item : { ...item, output };
    }
    case 'compaction_summary':
      return { ...item, type: 'compaction' };
    default:
      return item;
  }
}

/** Texts of codexd and the official program in older files have the type `text`, or are the content itself. */
function message(item: RecordPayload): RecordPayload | null {
  // A member of older versions, which endpoints refuse.
  const { content, end_turn: _, ...rest } = item;
  const own = 'end_turn' in item ? { ...rest, content } : item;
  const type = item['role'] === 'assistant' ? 'output_text' : 'input_text';
  if (typeof content === 'string') return { ...own, content: [{ type, text: content }] };
  if (!Array.isArray(content)) return null;
  if (!content.some((part) => isObject(part) && part['type'] === 'text')) return own;
  const parts: readonly unknown[] = content;
  return {
    ...own,
    content: parts.map((part) => (isObject(part) && part['type'] === 'text' ? { ...part, type } : part)),
  };
}

function reasoning(item: RecordPayload): RecordPayload {
  const { summary, content } = item;
  const own = Array.isArray(summary) ? item : { ...item, summary: [] };
  const isText = (part: unknown): boolean => isObject(part) && part['type'] === 'reasoning_text';
  if (!Array.isArray(content) || content.length === 0 || content.some(isText)) return own;
  // Parts of another type are the text of a server that does not accept it again.
  return { ...own, content: null };
}

/** Older files have its only id in `id`. */
function shellCall(item: RecordPayload): RecordPayload | null {
  if (!isObject(item['action'])) return null;
  const { id, call_id: callId } = item;
  return typeof callId !== 'string' && typeof id === 'string' ? { ...item, call_id: id } : item;
}

/**
 * Text, or a list of parts. Older versions wrote `{content, success}`, with the parts in `content_items`, and `{output,
 * metadata}` for tools with free text. Undefined: there is none.
 */
function outputOf(output: unknown): unknown {
  if (output === undefined || typeof output === 'string') return output;
  if (output === null) return '';
  if (Array.isArray(output)) {
    const parts: readonly unknown[] = output;
    return parts.every(isPart) ? output : parts.map(partOf);
  }
  if (!isObject(output)) return JSON.stringify(output);
  const { content_items: parts, content, output: text } = output;
  if (Array.isArray(parts) && parts.length > 0) return outputOf(parts);
  if (typeof content === 'string' || Array.isArray(content)) return outputOf(content);
  return typeof text === 'string' ? text : JSON.stringify(output);
}

const isPart = (part: unknown): boolean =>
  isObject(part) && typeof part['type'] === 'string' && part['type'] !== 'text' && part['type'] !== 'output_text';

function partOf(part: unknown): unknown {
  if (isPart(part)) return part;
  const text = isObject(part) && typeof part['text'] === 'string' ? part['text'] : null;
  return { type: 'input_text', text: text ?? (typeof part === 'string' ? part : JSON.stringify(part)) };
}
