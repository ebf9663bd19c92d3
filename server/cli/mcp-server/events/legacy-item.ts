/** Items of a turn as the messages of `codex/event` (docs/protocol/services.md §11). */
import type { NotificationParams } from '../../../../schema/registry.js';
import { splitWords } from '../../../sessions/shell/shell-words.js';

/** The `msg` of an event. */
export type LegacyMessage = { readonly type: string } & Readonly<Record<string, unknown>>;

export type Item = NotificationParams<'item/completed'>['item'];
type ItemOf<T extends Item['type']> = Extract<Item, { type: T }>;

export interface ItemPlace {
  readonly threadId: string;
  readonly turnId: string;
}

export function itemStarted(item: Item, place: ItemPlace): readonly LegacyMessage[] {
  switch (item.type) {
    case 'commandExecution':
      return [{ type: 'exec_command_begin', ...commandOf(item, place), started_at_ms: item.startedAtMs ?? null }];
    case 'fileChange':
      return [
        wrapped('item_started', item, place),
        {
          type: 'patch_apply_begin',
          call_id: item.id,
          turn_id: place.turnId,
          auto_approved: false,
          changes: changesOf(item),
        },
      ];
    case 'mcpToolCall':
      return [{ type: 'mcp_tool_call_begin', call_id: item.id, invocation: invocationOf(item) }];
    case 'webSearch':
      return [{ type: 'web_search_begin', call_id: item.id }];
    default:
      return coreItem(item) === null ? [] : [wrapped('item_started', item, place)];
  }
}

export function itemCompleted(item: Item, place: ItemPlace): readonly LegacyMessage[] {
  switch (item.type) {
    case 'userMessage':
      return [wrapped('item_completed', item, place), { type: 'user_message', ...userMessage(item) }];
    case 'agentMessage': {
      const { text: message, phase = null, memoryCitation = null } = item;
      return [
        wrapped('item_completed', item, place),
        { type: 'agent_message', message, phase, memory_citation: memoryCitation },
      ];
    }
    case 'reasoning':
      return [
        wrapped('item_completed', item, place),
        ...item.summary.map((text) => ({ type: 'agent_reasoning', text })),
        ...item.content.map((text) => ({ type: 'agent_reasoning_raw_content', text })),
      ];
    case 'commandExecution':
      return [{ type: 'exec_command_end', ...commandOf(item, place), ...commandEnd(item) }];
    case 'fileChange':
      return [wrapped('item_completed', item, place), patchEnd(item, place)];
    case 'mcpToolCall':
      return [{ type: 'mcp_tool_call_end', call_id: item.id, invocation: invocationOf(item), ...mcpEnd(item) }];
    case 'webSearch': {
      const { id, query, action = null } = item;
      return [{ type: 'web_search_end', call_id: id, query, action: action === null ? null : snakeTag(action) }];
    }
    case 'imageView':
      return [{ type: 'view_image_tool_call', call_id: item.id, path: item.path }];
    case 'contextCompaction':
      return [{ type: 'context_compacted' }];
    default:
      return coreItem(item) === null ? [] : [wrapped('item_completed', item, place)];
  }
}

const wrapped = (
  type: 'item_started' | 'item_completed',
  item: Item,
  { threadId, turnId }: ItemPlace,
): LegacyMessage => ({
  type,
  thread_id: threadId,
  turn_id: turnId,
  item: coreItem(item),
  ...(type === 'item_started'
    ? { started_at_ms: item.startedAtMs ?? null }
    : { completed_at_ms: item.completedAtMs ?? null }),
});

/** Null: the reference has no such item in its events. */
function coreItem(item: Item): object | null {
  switch (item.type) {
    case 'userMessage':
      return { type: 'UserMessage', id: item.id, content: item.content.map(snakeTag) };
    case 'agentMessage':
      return { type: 'AgentMessage', id: item.id, content: [{ type: 'Text', text: item.text }] };
    case 'reasoning':
      return { type: 'Reasoning', id: item.id, summary_text: item.summary, raw_content: item.content };
    case 'plan':
      return { type: 'Plan', id: item.id, text: item.text };
    case 'fileChange':
      return { type: 'FileChange', id: item.id, changes: changesOf(item), status: snake(item.status) };
    default:
      return null;
  }
}

function userMessage({ content }: ItemOf<'userMessage'>): object {
  return {
    message: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
    images: [],
    local_images: content.flatMap((part) => (part.type === 'localImage' ? [part.path] : [])),
    text_elements: [],
  };
}

const commandOf = (item: ItemOf<'commandExecution'>, { turnId }: ItemPlace): object => ({
  call_id: item.id,
  process_id: item.processId ?? null,
  turn_id: turnId,
  command: splitWords(item.command),
  cwd: item.cwd,
  parsed_cmd: item.commandActions.map(parsedCommand),
  source: snake(item.source),
});

/** `cmd` is the older name of the member `command`. */
export const parsedCommand = ({
  command,
  ...action
}: ItemOf<'commandExecution'>['commandActions'][number]): object => ({
  ...snakeTag(action),
  cmd: command,
});

function commandEnd(item: ItemOf<'commandExecution'>): object {
  const output = item.aggregatedOutput ?? '';
  return {
    completed_at_ms: item.completedAtMs ?? null,
    stdout: output,
    stderr: '',
    aggregated_output: output,
    exit_code: item.exitCode ?? -1,
    duration: duration(item.durationMs),
    formatted_output: output,
    status: snake(item.status),
  };
}

/** Path → what happens to it. The reference has the whole text of an added file, a diff of a changed one. */
export function changesOf({ changes }: Pick<ItemOf<'fileChange'>, 'changes'>): object {
  return Object.fromEntries(
    changes.map(({ path, kind, diff }) => {
      if (kind.type === 'update')
        return [path, { type: 'update', unified_diff: diff, move_path: kind.move_path ?? null }];
      return [path, { type: kind.type, content: diff }];
    }),
  );
}

const patchEnd = (item: ItemOf<'fileChange'>, { turnId }: ItemPlace): LegacyMessage => ({
  type: 'patch_apply_end',
  call_id: item.id,
  turn_id: turnId,
  stdout: '',
  stderr: '',
  success: item.status === 'completed',
  changes: changesOf(item),
  status: snake(item.status),
});

const invocationOf = ({ server, tool, arguments: given }: ItemOf<'mcpToolCall'>): object => ({
  server,
  tool,
  arguments: given,
});

function mcpEnd({ result, error, status, durationMs }: ItemOf<'mcpToolCall'>): object {
  const ok = result === null || result === undefined ? null : { ...result, isError: status === 'failed' };
  return { duration: duration(durationMs), result: ok === null ? { Err: error?.message ?? '' } : { Ok: ok } };
}

const duration = (ms: number | null | undefined): object => {
  const whole = Math.max(0, ms ?? 0);
  return { secs: Math.floor(whole / 1000), nanos: Math.round((whole % 1000) * 1e6) };
};

export const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const snakeTag = <T extends { readonly type: string }>(value: T): T => ({ ...value, type: snake(value.type) });
