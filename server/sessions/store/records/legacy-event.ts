/**
 * Items of legacy threads: each is an event of its own kind, most without an id (docs/protocol/threads.md §5, §12.2).
 */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import { isObject } from '../../../system/node/objects.js';
import {
  agentMessage,
  changesFromRecord,
  itemFromRecord,
  reviewText,
  textElements,
  withTimes,
  type NewFields,
} from './item-from-record.js';
import { changesToRecord, elementToRecord, itemToRecord, recordedItem } from './item-record.js';
import type { NewRecord, RecordPayload } from './rollout-record.js';
import { webAction } from './web-action.js';

/**
 * The effect of an event on the items of a turn. `numbered` creates an item with the next synthetic id. `named` creates
 * one with the event's own id. `reasoning` is added to the reasoning before it, or creates a numbered item.
 */
export type LegacyRole = 'numbered' | 'named' | 'reasoning';

/** Events that are items. Their names begin with a dot, as in sniff-record.ts. */
export const LEGACY_ROLES: Readonly<Record<string, LegacyRole>> = {
  '.user_message': 'numbered',
  '.agent_message': 'numbered',
  '.agent_reasoning': 'reasoning',
  '.agent_reasoning_raw_content': 'reasoning',
  '.context_compacted': 'numbered',
  '.web_search_end': 'named',
  '.patch_apply_end': 'named',
  '.mcp_tool_call_end': 'named',
  '.entered_review_mode': 'named',
  '.exited_review_mode': 'named',
};

/** The item of an event; null: the event shows nothing. `id`: the synthetic id for events that have none. */
export function itemOfEvent(payload: RecordPayload, id: string): ThreadItem | null {
  const fields = READERS[String(payload['type'])]?.(payload, id) ?? null;
  return fields === null ? null : withTimes(fields, NO_TIMES);
}

/**
 * The records for a completed item in a legacy thread. The list is empty for items that legacy threads do not store
 * (docs/protocol/threads.md §5).
 */
export function legacyRecords(threadId: string, turnId: string, item: ThreadItem): NewRecord[] {
  const event = (payload: RecordPayload): NewRecord => ({ type: 'event_msg', payload });
  switch (item.type) {
    case 'userMessage': {
      const parts = item.content;
      const texts = parts.flatMap((part) => (part.type === 'text' ? [part] : []));
      return [
        event({
          type: 'user_message',
          ...(item.clientId ? { client_id: item.clientId } : {}),
          message: texts.map((part) => part.text).join(''),
          images: parts.flatMap((part) => (part.type === 'image' && 'url' in part ? [part.url] : [])),
          local_images: parts.flatMap((part) => (part.type === 'localImage' ? [part.path] : [])),
          audio: parts.flatMap((part) => (part.type === 'audio' && 'url' in part ? [part.url] : [])),
          local_audio: parts.flatMap((part) => (part.type === 'localAudio' ? [part.path] : [])),
          text_elements: texts.flatMap((part) => (part.text_elements ?? []).map(elementToRecord)),
        }),
      ];
    }
    case 'agentMessage':
      return [
        event({
          type: 'agent_message',
          message: item.text,
          phase: item.phase ?? null,
          memory_citation: item.memoryCitation ?? null,
        }),
      ];
    case 'reasoning':
      return [
        ...(item.summary ?? []).map((part) => event({ type: 'agent_reasoning', text: part })),
        ...(item.content ?? []).map((part) => event({ type: 'agent_reasoning_raw_content', text: part })),
      ];
    case 'webSearch': {
      const recorded = recordedItem(item);
      return [
        event({
          type: 'web_search_end',
          call_id: item.id,
          query: item.query,
          action: recorded['action'] ?? { type: 'other' },
        }),
      ];
    }
    case 'fileChange':
      return [
        event({
          type: 'patch_apply_end',
          call_id: item.id,
          turn_id: turnId,
          stdout: '',
          stderr: '',
          success: item.status === 'completed',
          changes: changesToRecord(item.changes),
          status: item.status,
        }),
      ];
    case 'mcpToolCall':
      return [
        event({
          type: 'mcp_tool_call_end',
          call_id: item.id,
          invocation: { server: item.server, tool: item.tool, arguments: item.arguments },
          duration: recordedItem(item)['duration'] ?? {
            secs: 0,
            nanos: 0,
          },
          result: item.error ? { Err: item.error.message } : { Ok: item.result ?? { content: [] } },
        }),
      ];
    case 'contextCompaction':
      return [event({ type: 'context_compacted' })];
    case 'enteredReviewMode':
      return [
        event({
          type: 'entered_review_mode',
          target: { type: 'custom', instructions: item.review },
          user_facing_hint: item.review,
          turn_id: turnId,
          item_id: item.id,
        }),
      ];
    case 'exitedReviewMode': {
      const recorded = recordedItem(item);
      return [
        event({
          type: 'exited_review_mode',
          turn_id: turnId,
          item_id: item.id,
          review_output: recorded['review_output'],
        }),
      ];
    }
    case 'plan':
      return [event(itemToRecord(threadId, turnId, item))];
    default:
      return [];
  }
}

type Fields = Readonly<Record<string, unknown>>;

const READERS: Readonly<Record<string, (payload: Fields, id: string) => NewFields | null>> = {
  user_message: (payload, id) => ({
    type: 'userMessage',
    id,
    clientId: payload['client_id'] ?? null,
    content: userContent(payload),
  }),
  agent_message: (payload, id) => {
    const message = text(payload['message']);
    return message === '' ? null : agentMessage(id, message, payload);
  },
  agent_reasoning: (payload, id) => {
    const part = text(payload['text']);
    return part === '' ? null : { type: 'reasoning', id, summary: [part], content: [] };
  },
  agent_reasoning_raw_content: (payload, id) => {
    const part = text(payload['text']);
    return part === '' ? null : { type: 'reasoning', id, summary: [], content: [part] };
  },
  context_compacted: (_, id) => ({ type: 'contextCompaction', id }),
  web_search_end: (payload) => ({
    type: 'webSearch',
    id: text(payload['call_id']),
    query: text(payload['query']),
    action: webAction(payload['action']),
    results: payload['results'] ?? null,
  }),
  patch_apply_end: (payload) => ({
    type: 'fileChange',
    id: text(payload['call_id']),
    changes: changesFromRecord(payload['changes']),
    status: text(payload['status']) || (payload['success'] === false ? 'failed' : 'completed'),
  }),
  mcp_tool_call_end: (payload) => {
    const invocation = isObject(payload['invocation']) ? payload['invocation'] : {};
    const result = isObject(payload['result']) ? payload['result'] : {};
    const failed = result['Err'] !== undefined;
    const ok = isObject(result['Ok']) ? result['Ok'] : null;
    return itemFromRecord(
      {
        ...payload,
        type: 'McpToolCall',
        id: text(payload['call_id']),
        server: invocation['server'],
        tool: invocation['tool'],
        arguments: invocation['arguments'],
        status: failed || ok?.['isError'] === true ? 'failed' : 'completed',
        result: ok,
        error: failed ? { message: text(result['Err']) } : null,
      },
      NO_TIMES,
    );
  },
  entered_review_mode: (payload, id) => ({
    type: 'enteredReviewMode',
    id: text(payload['item_id']) || id,
    review: text(payload['user_facing_hint']) || 'Review requested.',
  }),
  exited_review_mode: (payload, id) => ({
    type: 'exitedReviewMode',
    id: text(payload['item_id']) || id,
    review: reviewText(payload['review_output']),
  }),
};

const NO_TIMES = { startedAtMs: null, completedAtMs: null };
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];

/** The parts of a user message: text, images, files, sounds. A blank text is omitted. */
function userContent(payload: Fields): Fields[] {
  const message = text(payload['message']);
  return [
    ...(message.trim() === ''
      ? []
      : [{ type: 'text', text: message, text_elements: textElements(payload['text_elements']) }]),
    ...texts(payload['images']).map((url) => ({ type: 'image', url, detail: null })),
    ...texts(payload['local_images']).map((path) => ({ type: 'localImage', detail: null, path })),
    ...texts(payload['audio']).map((url) => ({ type: 'audio', url })),
    ...texts(payload['local_audio']).map((path) => ({ type: 'localAudio', path })),
  ];
}
