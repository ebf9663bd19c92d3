/**
 * Converts items of a rollout to the protocol's form (docs/protocol/threads.md §12.2); item-record.ts does the reverse.
 * Another program may have written the file, so an item without its required members is ignored.
 */
import { fileURLToPath } from 'node:url';
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import { isObject } from '../../../system/node/objects.js';
import { joinWords } from '../../shell/shell-words.js';
import { camel, camelMembers } from './spelling.js';
import { webAction } from './web-action.js';

type Fields = Readonly<Record<string, unknown>>;
/** An object that nobody else has yet. */
export type NewFields = Record<string, unknown>;

/** When an item began and ended, in milliseconds since the epoch. */
export interface ItemTimes {
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

/** Converts a recorded item to the protocol's form; null: its type is unknown or its content is invalid. */
export function itemFromRecord(recorded: unknown, times: ItemTimes): ThreadItem | null {
  if (!isObject(recorded) || typeof recorded['type'] !== 'string' || typeof recorded['id'] !== 'string') return null;
  const read = READERS[recorded['type']];
  const members = read === undefined ? null : read(recorded);
  return members === null ? null : withTimes(members, times);
}

/** The item with its times. They are added to the object itself: to copy it would cost more than to make it. */
export function withTimes(members: NewFields, { startedAtMs, completedAtMs }: ItemTimes): ThreadItem {
  members['startedAtMs'] = startedAtMs;
  members['completedAtMs'] = completedAtMs;
  return members as ThreadItem;
}

const READERS: Readonly<Record<string, (item: Fields) => NewFields | null>> = {
  UserMessage: (item) => {
    if (!Array.isArray(item['content'])) return null;
    const content = item['content'].flatMap((part) => inputFromRecord(part) ?? []);
    return { type: 'userMessage', id: item['id'], clientId: orNull(item['client_id']), content };
  },
  HookPrompt: (item) => {
    const fragments = list(item['fragments']).flatMap((fragment) =>
      isObject(fragment) && typeof fragment['text'] === 'string'
        ? [{ text: fragment['text'], hookRunId: text(fragment['hook_run_id'] ?? fragment['hookRunId']) }]
        : [],
    );
    return { type: 'hookPrompt', id: item['id'], fragments };
  },
  AgentMessage: (item) => {
    if (!Array.isArray(item['content'])) return null;
    const parts = item['content'].flatMap((part) =>
      isObject(part) && typeof part['text'] === 'string' ? [part['text']] : [],
    );
    return agentMessage(item['id'], parts.join(''), item);
  },
  Plan: (item) => ({ type: 'plan', id: item['id'], text: text(item['text']) }),
  Reasoning: (item) => ({
    type: 'reasoning',
    id: item['id'],
    summary: texts(item['summary_text']),
    content: texts(item['raw_content']),
  }),
  CommandExecution: (item) => {
    const words = typeof item['command'] === 'string' ? [item['command']] : texts(item['command']);
    return {
      type: 'commandExecution',
      id: item['id'],
      pluginId: orNull(item['plugin_id']),
      scriptPath: orNull(item['script_path']),
      command: joinWords(words),
      cwd: pathFromUri(text(item['cwd'])),
      processId: orNull(item['process_id']),
      source: camel(text(item['source']) || 'agent'),
      status: camel(text(item['status']) || 'completed'),
      commandActions: list(item['parsed_cmd']).flatMap((action) => actionFromRecord(action) ?? []),
      aggregatedOutput: orNull(item['aggregated_output']) || null,
      exitCode: orNull(item['exit_code']),
      durationMs: milliseconds(item['duration']),
      ...networkDenial(item['network_denial']),
    };
  },
  FileChange: (item) => ({
    type: 'fileChange',
    id: item['id'],
    changes: changesFromRecord(item['changes']),
    status: camel(text(item['status']) || 'completed'),
  }),
  McpToolCall: (item) => ({
    type: 'mcpToolCall',
    id: item['id'],
    server: text(item['server']),
    environmentId: orNull(item['environment_id']),
    tool: text(item['tool']),
    status: camel(text(item['status']) || 'completed'),
    arguments: item['arguments'] ?? null,
    appContext: orNull(camelMembers(item['app_context'])),
    ...(typeof item['mcp_app_resource_uri'] === 'string' ? { mcpAppResourceUri: item['mcp_app_resource_uri'] } : {}),
    mcpAppUi: orNull(camelMembers(item['mcp_app_ui'])),
    pluginId: orNull(item['plugin_id']),
    readOnlyHint: orNull(item['read_only_hint']),
    result: mcpResult(item['result']),
    error: isObject(item['error']) ? { message: text(item['error']['message']) } : null,
    durationMs: milliseconds(item['duration']),
    ...networkDenial(item['network_denial']),
  }),
  DynamicToolCall: (item) => ({
    type: 'dynamicToolCall',
    id: item['id'],
    namespace: orNull(item['namespace']),
    tool: text(item['tool']),
    arguments: item['arguments'] ?? null,
    status: camel(text(item['status']) || 'completed'),
    contentItems: orNull(item['content_items']),
    success: orNull(item['success']),
    durationMs: milliseconds(item['duration']),
  }),
  WebSearch: (item) => ({
    type: 'webSearch',
    id: item['id'],
    query: text(item['query']),
    action: webAction(item['action']),
    results: orNull(item['results']),
  }),
  ImageView: (item) => ({ type: 'imageView', id: item['id'], path: pathFromUri(text(item['path'])) }),
  Sleep: (item) => ({ type: 'sleep', id: item['id'], durationMs: Number(item['duration_ms'] ?? 0) }),
  FunctionCallOutput: (item) => ({
    type: 'functionCallOutput',
    id: item['id'],
    name: text(item['name']),
    namespace: orNull(item['namespace']),
    output: item['output'] ?? '',
  }),
  ImageGeneration: (item) => ({
    type: 'imageGeneration',
    id: item['id'],
    status: text(item['status']),
    revisedPrompt: orNull(item['revised_prompt']),
    ...(typeof item['file_id'] === 'string' ? { fileId: item['file_id'] } : { result: text(item['result']) }),
    transparentBackground: orNull(item['transparent_background']),
    failure: orNull(camelMembers(item['failure'])),
    ...(typeof item['saved_path'] === 'string' ? { savedPath: item['saved_path'] } : {}),
    ...(list(item['input_images']).length > 0 ? { inputImages: item['input_images'] } : {}),
    generationId: orNull(item['generation_id']),
  }),
  CollabAgentToolCall: (item) => ({
    type: 'collabAgentToolCall',
    id: item['id'],
    tool: camel(text(item['tool'])),
    status: camel(text(item['status']) || 'completed'),
    senderThreadId: text(item['sender_thread_id']),
    receiverThreadIds: texts(item['receiver_thread_ids']),
    prompt: orNull(item['prompt']),
    model: orNull(item['model']),
    reasoningEffort: orNull(item['reasoning_effort']),
    agentsStates: isObject(item['agents_states']) ? item['agents_states'] : {},
  }),
  SubAgentActivity: (item) => ({
    model: orNull(item['model']),
    reasoningEffort: orNull(item['reasoning_effort']),
    type: 'subAgentActivity',
    id: item['id'],
    kind: camel(text(item['kind'])),
    agentThreadId: text(item['agent_thread_id']),
    agentPath: text(item['agent_path']),
  }),
  EnteredReviewMode: (item) => ({
    type: 'enteredReviewMode',
    id: item['id'],
    review: text(item['user_facing_hint'] ?? item['review']) || 'Review requested.',
  }),
  ExitedReviewMode: (item) => ({ type: 'exitedReviewMode', id: item['id'], review: reviewText(item['review_output']) }),
  ContextCompaction: (item) => ({ type: 'contextCompaction', id: item['id'] }),
};

export function agentMessage(id: unknown, message: string, members: Fields): NewFields {
  return {
    type: 'agentMessage',
    moderation: orNull(camelMembers(members['moderation'])),
    id,
    text: message,
    phase: orNull(members['phase']),
    memoryCitation: orNull(camelMembers(members['memory_citation'])),
    delivery: orNull(members['delivery']),
    questions: orNull(members['questions']),
  };
}

/** The text of a review's result (docs/protocol/turns.md §10). */
export function reviewText(output: unknown): string {
  if (!isObject(output)) return 'Reviewer failed to output a response.';
  const explanation = text(output['overall_explanation']).trim();
  const findings = list(output['findings']).filter(isObject).map(findingText);
  const sections = explanation === '' ? [] : [explanation];
  if (findings.length > 0) {
    sections.push(`${findings.length > 1 ? 'Full review comments' : 'Review comment'}:\n\n${findings.join('\n\n')}`);
  }
  return sections.length === 0 ? 'Reviewer failed to output a response.' : sections.join('\n\n');
}

function findingText(finding: Fields): string {
  const location = isObject(finding['code_location']) ? finding['code_location'] : {};
  const range = isObject(location['line_range']) ? location['line_range'] : {};
  const place = `${text(location['absolute_file_path'])}:${lineOf(range['start'])}-${lineOf(range['end'])}`;
  const body = text(finding['body'])
    .split('\n')
    .map((line) => `  ${line}`);
  return [`- ${text(finding['title'])} — ${place}`, ...body].join('\n');
}

function inputFromRecord(part: unknown): Fields | null {
  if (!isObject(part)) return null;
  const detail = orNull(part['detail']);
  switch (part['type']) {
    case 'text':
      return { type: 'text', text: text(part['text']), text_elements: textElements(part['text_elements']) };
    case 'image':
      return typeof part['file_id'] === 'string'
        ? { type: 'image', fileId: part['file_id'], detail }
        : { type: 'image', url: text(part['image_url'] ?? part['url']), detail };
    case 'local_image':
    case 'localImage':
      return { type: 'localImage', detail, path: text(part['path']) };
    case 'audio':
      return typeof part['file_id'] === 'string'
        ? { type: 'audio', fileId: part['file_id'] }
        : { type: 'audio', url: text(part['audio_url'] ?? part['url']) };
    case 'local_audio':
    case 'localAudio':
      return { type: 'localAudio', path: text(part['path']) };
    case 'skill':
    case 'mention':
      return { type: part['type'], name: text(part['name']), path: text(part['path']) };
    default:
      return null;
  }
}

export function textElements(recorded: unknown): Fields[] {
  return list(recorded).flatMap((element) => {
    if (!isObject(element)) return [];
    const range = element['byte_range'] ?? element['byteRange'];
    if (!isObject(range)) return [];
    return [{ byteRange: range, placeholder: orNull(element['placeholder']) }];
  });
}

function actionFromRecord(action: unknown): Fields | null {
  if (!isObject(action)) return null;
  const command = text(action['cmd'] ?? action['command']);
  switch (action['type']) {
    case 'read':
      return { type: 'read', command, name: text(action['name']), path: pathFromUri(text(action['path'])) };
    case 'list_files':
    case 'listFiles':
      return { type: 'listFiles', command, path: orNull(action['path']) };
    case 'search':
      return { type: 'search', command, query: orNull(action['query']), path: orNull(action['path']) };
    default:
      return { type: 'unknown', command };
  }
}

/**
 * The changes sorted by path, as in the protocol. The diff of a move ends with its target (docs/protocol/turns.md §5).
 */
export function changesFromRecord(changes: unknown): Fields[] {
  if (!isObject(changes)) return [];
  return Object.entries(changes)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .flatMap(([path, change]) => {
      if (!isObject(change)) return [];
      const { type, content, unified_diff: diff, move_path: movePath } = change;
      if (type === 'add' || type === 'delete') return [{ path, kind: { type }, diff: text(content) }];
      if (type !== 'update') return [];
      const moved = typeof movePath === 'string' ? `\n\nMoved to: ${movePath}` : '';
      return [{ path, kind: { type, move_path: orNull(movePath) }, diff: `${text(diff)}${moved}` }];
    });
}

/** A member of codexd only. A value in another form is ignored. */
function networkDenial(value: unknown): Fields {
  if (!isObject(value)) return {};
  const { host, port, protocol, reason, rule, source } = value;
  const words = [host, protocol, reason, source];
  if (!words.every((word) => typeof word === 'string') || typeof port !== 'number') return {};
  return { networkDenial: { host, port, protocol, reason, rule: typeof rule === 'string' ? rule : null, source } };
}

function mcpResult(result: unknown): Fields | null {
  if (!isObject(result)) return null;
  return {
    content: list(result['content']),
    structuredContent: result['structuredContent'] ?? result['structured_content'] ?? null,
    _meta: result['_meta'] ?? null,
  };
}

const orNull = <T>(value: T): T | null => value ?? null;
const lineOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] => list(value).filter((entry) => typeof entry === 'string');

/** On disk a duration is an object of whole seconds and nanoseconds. */
function milliseconds(value: unknown): number | null {
  if (!isObject(value)) return null;
  const { secs, nanos } = value;
  return typeof secs === 'number' && typeof nanos === 'number' ? secs * 1000 + Math.floor(nanos / 1e6) : null;
}

/** On disk the paths of a command are `file:` URIs. Other texts are returned unchanged. */
function pathFromUri(value: string): string {
  if (!value.startsWith('file://')) return value;
  try {
    return fileURLToPath(value);
  } catch {
    return value;
  }
}
