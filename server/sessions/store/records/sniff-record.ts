/**
 * Finds the kind of a rollout's line from its first bytes, so that a long history is indexed without parsing. This
 * works for the usual order of members (`timestamp`, `ordinal`, `type`, `payload`), which codexd and the official
 * program write. A line in another form is parsed. Damage after the first bytes is found by the code that parses the
 * line.
 */
import { isObject } from '../../../system/node/objects.js';
import type { RecordPayload, RolloutRecord } from './rollout-record.js';

export interface SniffedRecord {
  /** Record type; for `event_msg`, the event's own type with a dot before it (`.task_started`). */
  readonly kind: string;
  readonly ordinal: number | null;
  /** The item of `.item_completed`. */
  readonly item: {
    readonly threadId: string;
    readonly turnId: string;
    readonly type: string;
    readonly id: string;
  } | null;
  /** The event's text is empty: such messages are not items. */
  readonly empty: boolean;
}

/** How many bytes of a line are examined: enough for its kind. */
const HEAD = 160;
/** How many bytes are examined for the ids of an item. */
const ITEM_HEAD = 512;
const BRACE = 0x7d;
const SPACE = 0x20;

const ENVELOPE = /^\{"timestamp":"[^"\\]*",(?:"ordinal":(\d+),)?"type":"([a-z_]+)","payload":\{/;
const EVENT = /"type":"([a-z_]+)"/y;
const ITEM = /,"thread_id":"([^"\\]*)","turn_id":"([^"\\]*)","item":\{"type":"([A-Za-z]+)","id":"([^"\\]*)"/y;
const TEXT = /,"(?:message|text)":"(")?/y;

/** Classifies a line. Null: it is not a record (blank, damaged, or without an envelope). */
export function sniffRecord(buffer: Buffer, start: number, end: number): SniffedRecord | null {
  let last = end - 1;
  while (last >= start && (buffer[last] as number) <= SPACE) last--;
  if (last < start || buffer[last] !== BRACE) return null;
  const head = headOf(buffer, start, end, HEAD);
  const envelope = ENVELOPE.exec(head);
  if (envelope === null) return sniffByParsing(buffer, start, end);
  const [whole, digits, type = ''] = envelope;
  const ordinal = digits === undefined ? null : Number(digits);
  if (type !== 'event_msg') return { kind: RECORD_KINDS.get(type) ?? type, ordinal, item: null, empty: false };
  EVENT.lastIndex = whole.length;
  const event = EVENT.exec(head)?.[1];
  if (event === undefined) return sniffByParsing(buffer, start, end);
  const kind = EVENT_KINDS.get(event) ?? `.${event}`;
  if (kind === '.item_completed') {
    ITEM.lastIndex = EVENT.lastIndex;
    const found = ITEM.exec(headOf(buffer, start, end, ITEM_HEAD));
    if (found === null) return sniffByParsing(buffer, start, end);
    const [, threadId = '', turnId = '', itemType = '', id = ''] = found;
    return { kind, ordinal, item: { threadId, turnId, type: itemType, id }, empty: false };
  }
  if (!TEXT_EVENTS.has(kind)) return { kind, ordinal, item: null, empty: false };
  TEXT.lastIndex = EVENT.lastIndex;
  const text = TEXT.exec(head);
  if (text === null) return sniffByParsing(buffer, start, end);
  return { kind, ordinal, item: null, empty: text[1] !== undefined };
}

const headOf = (buffer: Buffer, start: number, end: number, bytes: number): string =>
  buffer.toString('latin1', start, Math.min(end, start + bytes));

/** Events that count only if they have a text. */
export const TEXT_EVENTS: ReadonlySet<string> = new Set([
  '.agent_message',
  '.agent_reasoning',
  '.agent_reasoning_raw_content',
]);

const RECORDS: ReadonlySet<string> = new Set([
  'session_meta',
  'response_item',
  'turn_context',
  'world_state',
  'compacted',
  'token_usage_record',
]);
const EVENTS: ReadonlySet<string> = new Set([
  '.task_started',
  '.turn_started',
  '.task_complete',
  '.turn_complete',
  '.turn_aborted',
  '.user_message',
  '.agent_message',
  '.agent_reasoning',
  '.agent_reasoning_raw_content',
  '.item_completed',
  '.patch_apply_end',
  '.mcp_tool_call_end',
  '.web_search_end',
  '.image_generation_end',
  '.context_compacted',
  '.entered_review_mode',
  '.exited_review_mode',
  '.thread_rolled_back',
  '.thread_settings_applied',
  '.thread_goal_updated',
  '.token_count',
]);

/**
 * The kinds by the names of records and of events. All lines have the same strings: these are compared and found in
 * sets without a look at their characters.
 */
const RECORD_KINDS: ReadonlyMap<string, string> = new Map([...RECORDS].map((kind) => [kind, kind]));
const EVENT_KINDS: ReadonlyMap<string, string> = new Map([...EVENTS].map((kind) => [kind.slice(1), kind]));

/** What endpoints do not take of the history: codexd's own (docs/protocol/threads.md §12.2). */
export const LEFT_OUT_EVENT = 'codexd_left_out';

/**
 * Whether the number of a record counts it when turns are named by record numbers: only known kinds do
 * (docs/protocol/threads.md §12.3).
 */
export const isKnownKind = (kind: string): boolean => RECORDS.has(kind) || EVENTS.has(kind);

/** Parses the whole record; null: it is not one. */
export function parseRecord(buffer: Buffer, start: number, end: number): RolloutRecord | null {
  return recordIn(buffer.toString('utf8', start, end));
}

/** Parses the text of a whole record; null: it is not one. */
export function recordIn(json: string): RolloutRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  return isRecord(value) ? value : null;
}

const isRecord = (value: unknown): value is RolloutRecord =>
  isObject(value) && typeof value['type'] === 'string' && isObject(value['payload']);

function sniffByParsing(buffer: Buffer, start: number, end: number): SniffedRecord | null {
  const record = parseRecord(buffer, start, end);
  if (record === null) return null;
  const { type, payload } = record;
  const ordinal = typeof record.ordinal === 'number' ? record.ordinal : null;
  if (type !== 'event_msg') return { kind: type, ordinal, item: null, empty: false };
  if (typeof payload['type'] !== 'string') return null;
  const kind = `.${payload['type']}`;
  return { kind, ordinal, item: kind === '.item_completed' ? itemOf(payload) : null, empty: hasNoText(payload) };
}

function itemOf(payload: RecordPayload): SniffedRecord['item'] {
  const { thread_id: threadId, turn_id: turnId, item } = payload;
  if (!isObject(item) || typeof threadId !== 'string' || typeof turnId !== 'string') return null;
  const { type, id } = item;
  return typeof type === 'string' && typeof id === 'string' ? { threadId, turnId, type, id } : null;
}

function hasNoText(payload: RecordPayload): boolean {
  return (payload['message'] ?? payload['text'] ?? '') === '';
}
