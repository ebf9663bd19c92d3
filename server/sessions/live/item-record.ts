/**
 * Items as rollouts tell them (spec/threads.md §12.2): in a paginated file every item is one `item_completed`; a legacy
 * file has older events for some kinds, and nothing for the others.
 */
import { pathToFileURL } from 'node:url';
import type { ThreadItem, UserInput } from '../../../schema/item.js';
import type { TextElement } from '../../../schema/text-range.js';
import type { HistoryMode, NewRecord, RecordPayload } from '../store/rollout-record.js';
import type { ThreadId } from '../thread-id.js';
import { splitWords } from './shell-words.js';

export interface ItemRecordOptions {
  readonly mode: HistoryMode;
  readonly threadId: ThreadId;
  readonly turnId: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly completedAtMs: number;
}

/** The records that stand for an item that is complete. */
export function itemRecords(item: ThreadItem, options: ItemRecordOptions): NewRecord[] {
  const { mode, threadId, turnId, startedAtMs, completedAtMs } = options;
  if (mode === 'legacy' && item.type !== 'plan') return legacyEvents(item, turnId).map(event);
  const stored = storedItem(item);
  if (stored === null) return [];
  return [
    event({
      type: 'item_completed',
      thread_id: threadId,
      turn_id: turnId,
      item: stored,
      started_at_ms: startedAtMs,
      completed_at_ms: completedAtMs,
    }),
  ];
}

const event = (payload: RecordPayload): NewRecord => ({ type: 'event_msg', payload });

type Item<T extends ThreadItem['type']> = Extract<ThreadItem, { type: T }>;

/** The spelling inside `item_completed`; null for what is never stored. */
function storedItem(item: ThreadItem): RecordPayload | null {
  switch (item.type) {
    case 'userMessage':
      return {
        type: 'UserMessage',
        id: item.id,
        ...set('client_id', item.clientId),
        content: item.content.map(storedInput),
      };
    case 'agentMessage':
      return {
        type: 'AgentMessage',
        id: item.id,
        content: [{ type: 'Text', text: item.text }],
        ...set('phase', item.phase),
        ...set('memory_citation', item.memoryCitation),
      };
    case 'reasoning':
      return { type: 'Reasoning', id: item.id, summary_text: item.summary, raw_content: item.content };
    case 'plan':
      return { type: 'Plan', id: item.id, text: item.text };
    case 'commandExecution':
      return storedCommand(item);
    case 'fileChange':
      return {
        type: 'FileChange',
        id: item.id,
        changes: storedChanges(item),
        status: item.status === 'inProgress' ? 'in_progress' : item.status,
      };
    case 'mcpToolCall':
      return {
        type: 'McpToolCall',
        id: item.id,
        server: item.server,
        tool: item.tool,
        arguments: item.arguments,
        ...set('mcp_app_resource_uri', item.mcpAppResourceUri),
        status: snake(item.status),
        ...set('result', item.result),
        ...set('error', item.error),
        ...duration(item.durationMs),
      };
    case 'dynamicToolCall':
      return {
        type: 'DynamicToolCall',
        id: item.id,
        ...set('namespace', item.namespace),
        tool: item.tool,
        arguments: item.arguments,
        status: snake(item.status),
        ...set('content_items', item.contentItems),
        ...set('success', item.success),
        ...duration(item.durationMs),
      };
    case 'webSearch':
      return { type: 'WebSearch', id: item.id, query: item.query, action: storedSearch(item.action) };
    case 'imageView':
      return { type: 'ImageView', id: item.id, path: fileUrl(item.path) };
    case 'contextCompaction':
      return { type: 'ContextCompaction', id: item.id };
    case 'enteredReviewMode':
      return { type: 'EnteredReviewMode', id: item.id, user_facing_hint: item.review };
    case 'exitedReviewMode':
      return {
        type: 'ExitedReviewMode',
        id: item.id,
        review_output: {
          findings: [],
          overall_correctness: '',
          overall_explanation: item.review,
          overall_confidence_score: 0,
        },
      };
    default:
      return null;
  }
}

function storedInput(input: UserInput): RecordPayload {
  switch (input.type) {
    case 'text':
      return { type: 'text', text: input.text, text_elements: input.text_elements.map(storedElement) };
    case 'image':
      if (!('url' in input)) return { ...input };
      return { type: 'image', image_url: input.url, ...set('detail', input.detail) };
    case 'localImage':
      return { type: 'local_image', path: input.path, ...set('detail', input.detail) };
    case 'localAudio':
      return { type: 'local_audio', path: input.path };
    default:
      return { ...input };
  }
}

const storedElement = ({ byteRange, placeholder }: TextElement): RecordPayload => ({
  byte_range: byteRange,
  ...set('placeholder', placeholder),
});

function storedCommand(item: Item<'commandExecution'>): RecordPayload {
  return {
    type: 'CommandExecution',
    id: item.id,
    ...set('process_id', item.processId),
    command: shellWords(item.command),
    cwd: fileUrl(item.cwd),
    parsed_cmd: item.commandActions.map((action) => {
      const { type, command, ...rest } = action;
      return { type: snake(type), cmd: command, ...rest };
    }),
    source: snake(item.source),
    status: snake(item.status),
    aggregated_output: item.aggregatedOutput ?? '',
    exit_code: item.exitCode ?? -1,
    ...duration(item.durationMs ?? 0),
  };
}

function storedChanges(item: Item<'fileChange'>): RecordPayload {
  return Object.fromEntries(
    item.changes.map(({ path, kind, diff }) => [
      path,
      kind.type === 'update'
        ? { type: 'update', unified_diff: diff, move_path: kind.move_path }
        : { type: kind.type, content: diff },
    ]),
  );
}

function storedSearch(action: Item<'webSearch'>['action']): RecordPayload {
  if (!action) return { type: 'other' };
  return { ...action, type: snake(action.type) };
}

function legacyEvents(item: ThreadItem, turnId: string): RecordPayload[] {
  switch (item.type) {
    case 'userMessage':
      return [userMessageEvent(item)];
    case 'agentMessage':
      return [
        {
          type: 'agent_message',
          message: item.text,
          phase: item.phase ?? null,
          memory_citation: item.memoryCitation ?? null,
        },
      ];
    case 'reasoning':
      return [
        ...item.summary.map((text) => ({ type: 'agent_reasoning', text })),
        ...item.content.map((text) => ({ type: 'agent_reasoning_raw_content', text })),
      ];
    case 'fileChange':
      return [
        {
          type: 'patch_apply_end',
          call_id: item.id,
          turn_id: turnId,
          stdout: '',
          stderr: '',
          success: item.status === 'completed',
          changes: storedChanges(item),
          status: snake(item.status),
        },
      ];
    case 'mcpToolCall':
      return [
        {
          type: 'mcp_tool_call_end',
          call_id: item.id,
          invocation: { server: item.server, tool: item.tool, arguments: item.arguments },
          ...duration(item.durationMs ?? 0),
          result: item.result ? { Ok: item.result } : { Err: item.error?.message ?? '' },
        },
      ];
    case 'webSearch':
      return [{ type: 'web_search_end', call_id: item.id, query: item.query, action: storedSearch(item.action) }];
    case 'contextCompaction':
      return [{ type: 'context_compacted' }];
    case 'enteredReviewMode':
      return [{ type: 'entered_review_mode', user_facing_hint: item.review, turn_id: turnId, item_id: item.id }];
    case 'exitedReviewMode': {
      const { review_output } = storedItem(item)!;
      return [{ type: 'exited_review_mode', turn_id: turnId, item_id: item.id, review_output }];
    }
    default:
      return [];
  }
}

function userMessageEvent({ clientId, content }: Item<'userMessage'>): RecordPayload {
  const texts = content.flatMap((input) => (input.type === 'text' ? [input] : []));
  return {
    type: 'user_message',
    ...set('client_id', clientId),
    message: texts.map(({ text }) => text).join(''),
    images: content.flatMap((input) => (input.type === 'image' && 'url' in input ? [input.url] : [])),
    local_images: content.flatMap((input) => (input.type === 'localImage' ? [input.path] : [])),
    audio: content.flatMap((input) => (input.type === 'audio' && 'url' in input ? [input.url] : [])),
    local_audio: content.flatMap((input) => (input.type === 'localAudio' ? [input.path] : [])),
    text_elements: texts.flatMap(({ text_elements }) => text_elements.map(storedElement)),
  };
}

/** The words of a command line as it is shown (shell-words.ts). */
function shellWords(line: string): readonly string[] {
  return splitWords(line) ?? [line];
}

const fileUrl = (path: string): string => (path.startsWith('/') ? pathToFileURL(path).href : path);
const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const set = (name: string, value: unknown): RecordPayload =>
  value === null || value === undefined ? {} : { [name]: value };

function duration(ms: number | null | undefined): RecordPayload {
  if (ms === null || ms === undefined) return {};
  const secs = Math.floor(ms / 1000);
  return { duration: { secs, nanos: Math.round((ms - secs * 1000) * 1e6) } };
}
