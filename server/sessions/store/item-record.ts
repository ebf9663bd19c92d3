/**
 * Items between their two spellings: the protocol's (`commandExecution`, camelCase) and the one that rollouts hold inside
 * `item_completed` (`CommandExecution`, snake_case; spec/threads.md §12.2). What a file says was written by somebody else:
 * an item without what it needs is none.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ThreadItem, UserInput } from '../../../schema/item.js';
import type { RecordPayload } from './rollout-record.js';
import { joinWords, splitWords } from './shell-words.js';
import { isObject } from './sniff-record.js';

type Fields = Readonly<Record<string, unknown>>;

/** When an item began and ended, in milliseconds since the epoch. */
export interface ItemTimes {
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
}

/** The item of a rollout as the protocol shows it; null for a type that is not known and for what cannot be read. */
export function itemFromRecord(recorded: unknown, times: ItemTimes): ThreadItem | null {
  if (!isObject(recorded) || typeof recorded['type'] !== 'string' || typeof recorded['id'] !== 'string') return null;
  const read = READERS[recorded['type']];
  const members = read === undefined ? null : read(recorded);
  if (members === null) return null;
  return { ...members, startedAtMs: times.startedAtMs, completedAtMs: times.completedAtMs } as ThreadItem;
}

/** The payload of `item_completed` for an item. */
export function itemToRecord(threadId: string, turnId: string, item: ThreadItem): RecordPayload {
  const completedAtMs = item.completedAtMs ?? Date.now();
  return {
    type: 'item_completed',
    thread_id: threadId,
    turn_id: turnId,
    item: recordedItem(item),
    started_at_ms: item.startedAtMs ?? completedAtMs,
    completed_at_ms: completedAtMs,
  };
}

/** An item as rollouts hold it. */
export function recordedItem(item: ThreadItem): RecordPayload {
  const { type } = item;
  const write = WRITERS[type] as ((item: ThreadItem) => Fields) | undefined;
  const name = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  return { type: name, id: item.id, ...(write === undefined ? {} : write(item)) };
}

// ---- reading ----

const READERS: Readonly<Record<string, (item: Fields) => Fields | null>> = {
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
    action: webActionFromRecord(item['action']),
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

export function agentMessage(id: unknown, message: string, members: Fields): Fields {
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

/** The text that stands for a review's outcome (spec/turns.md §10). */
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
  const place = `${text(location['absolute_file_path'])}:${range['start'] ?? 0}-${range['end'] ?? 0}`;
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

/** By path, as the protocol sorts them; a move tells its target below the diff (spec/turns.md §5). */
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

export function webActionFromRecord(action: unknown): Fields | null {
  if (!isObject(action)) return null;
  switch (action['type']) {
    case 'search':
      return { type: 'search', query: orNull(action['query']), queries: orNull(action['queries']) };
    case 'open_page':
    case 'openPage':
      return { type: 'openPage', url: orNull(action['url']) };
    case 'find_in_page':
    case 'findInPage':
      return { type: 'findInPage', url: orNull(action['url']), pattern: orNull(action['pattern']) };
    default:
      return { type: 'other' };
  }
}

function mcpResult(result: unknown): Fields | null {
  if (!isObject(result)) return null;
  return {
    content: list(result['content']),
    structuredContent: result['structuredContent'] ?? result['structured_content'] ?? null,
    _meta: result['_meta'] ?? null,
  };
}

// ---- writing ----

type ItemOf<T extends ThreadItem['type']> = Extract<ThreadItem, { type: T }>;

const WRITERS: { readonly [T in ThreadItem['type']]?: (item: ItemOf<T>) => Fields } = {
  userMessage: ({ clientId, content }) => ({
    ...present('client_id', clientId),
    content: content.map(inputToRecord),
  }),
  hookPrompt: ({ fragments }) => ({
    fragments: fragments.map(({ text: words, hookRunId }) => ({ text: words, hookRunId })),
  }),
  agentMessage: (item) => ({
    content: [{ type: 'Text', text: item.text }],
    ...present('phase', item.phase),
    ...present('memory_citation', snakeMembers(item.memoryCitation)),
    ...present('moderation', snakeMembers(item.moderation)),
    ...present('delivery', item.delivery),
    ...present('questions', item.questions),
  }),
  functionCallOutput: ({ name, namespace, output }) => ({ name, ...present('namespace', namespace), output }),
  plan: (item) => ({ text: item.text }),
  reasoning: ({ summary, content }) => ({ summary_text: summary, raw_content: content }),
  commandExecution: (item) => ({
    ...present('plugin_id', item.pluginId),
    ...present('script_path', item.scriptPath),
    ...present('process_id', item.processId),
    command: splitWords(item.command),
    cwd: uriOfPath(item.cwd),
    parsed_cmd: item.commandActions.map(actionToRecord),
    source: snake(item.source),
    status: snake(item.status),
    ...present('aggregated_output', item.aggregatedOutput),
    ...present('exit_code', item.exitCode),
    ...present('duration', duration(item.durationMs)),
  }),
  fileChange: ({ changes, status }) => ({ changes: changesToRecord(changes), status: snake(status) }),
  mcpToolCall: (item) => ({
    server: item.server,
    tool: item.tool,
    arguments: item.arguments,
    status: snake(item.status),
    ...present('app_context', snakeMembers(item.appContext)),
    ...present('mcp_app_resource_uri', item.mcpAppResourceUri),
    ...present('mcp_app_ui', snakeMembers(item.mcpAppUi)),
    ...present('plugin_id', item.pluginId),
    ...present('read_only_hint', item.readOnlyHint),
    ...present('result', item.result),
    ...present('error', item.error),
    ...present('duration', duration(item.durationMs)),
  }),
  dynamicToolCall: (item) => ({
    ...present('namespace', item.namespace),
    tool: item.tool,
    arguments: item.arguments,
    status: snake(item.status),
    ...present('content_items', item.contentItems),
    ...present('success', item.success),
    ...present('duration', duration(item.durationMs)),
  }),
  collabAgentToolCall: (item) => ({
    tool: snake(item.tool),
    status: snake(item.status),
    sender_thread_id: item.senderThreadId,
    receiver_thread_ids: item.receiverThreadIds,
    ...present('prompt', item.prompt),
    ...present('model', item.model),
    ...present('reasoning_effort', item.reasoningEffort),
    agents_states: item.agentsStates,
  }),
  subAgentActivity: (item) => ({
    ...present('model', item.model),
    ...present('reasoning_effort', item.reasoningEffort),
    kind: snake(item.kind),
    agent_thread_id: item.agentThreadId,
    agent_path: item.agentPath,
  }),
  webSearch: ({ query, action, results }) => ({
    query,
    ...present('action', action === null || action === undefined ? null : { ...action, type: snake(action.type) }),
    ...present('results', results),
  }),
  imageView: (item) => ({ path: uriOfPath(item.path) }),
  sleep: ({ durationMs }) => ({ duration_ms: durationMs }),
  imageGeneration: (item) => ({
    status: item.status,
    ...present('revised_prompt', item.revisedPrompt),
    ...('fileId' in item ? { file_id: item.fileId } : { result: item.result }),
    ...present('transparent_background', item.transparentBackground),
    ...present('failure', snakeMembers(item.failure)),
    ...present('saved_path', item.savedPath),
    ...present('input_images', item.inputImages),
    ...present('generation_id', item.generationId),
  }),
  enteredReviewMode: ({ review }) => ({
    target: { type: 'custom', instructions: review },
    user_facing_hint: review,
  }),
  exitedReviewMode: ({ review }) => ({
    review_output: {
      findings: [],
      overall_correctness: '',
      overall_explanation: review,
      overall_confidence_score: 0,
    },
  }),
};

function inputToRecord(input: UserInput): Fields {
  switch (input.type) {
    case 'text':
      return { type: 'text', text: input.text, text_elements: (input.text_elements ?? []).map(elementToRecord) };
    case 'image':
      return 'fileId' in input
        ? { type: 'image', file_id: input.fileId, ...present('detail', input.detail) }
        : { type: 'image', image_url: input.url, ...present('detail', input.detail) };
    case 'localImage':
      return { type: 'local_image', path: input.path, ...present('detail', input.detail) };
    case 'audio':
      return 'fileId' in input ? { type: 'audio', file_id: input.fileId } : { type: 'audio', audio_url: input.url };
    case 'localAudio':
      return { type: 'local_audio', path: input.path };
    default:
      return { ...input };
  }
}

export function elementToRecord(element: { byteRange: unknown; placeholder?: string | null | undefined }): Fields {
  return { byte_range: element.byteRange, placeholder: element.placeholder ?? null };
}

function actionToRecord(action: ItemOf<'commandExecution'>['commandActions'][number]): Fields {
  const { type, command, ...members } = action;
  return { type: snake(type), cmd: command, ...members };
}

export function changesToRecord(changes: ItemOf<'fileChange'>['changes']): Fields {
  return Object.fromEntries(
    changes.map(({ path, kind, diff }) => {
      if (kind.type !== 'update') return [path, { type: kind.type, content: diff }];
      const movePath = kind.move_path ?? null;
      const moved = `\n\nMoved to: ${movePath}`;
      const unified = movePath !== null && diff.endsWith(moved) ? diff.slice(0, -moved.length) : diff;
      return [path, { type: 'update', unified_diff: unified, move_path: movePath }];
    }),
  );
}

// ---- small change ----

const orNull = <T>(value: T): T | null => value ?? null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] => list(value).filter((entry) => typeof entry === 'string');
const present = (name: string, value: unknown): Fields =>
  value === null || value === undefined ? {} : { [name]: value };

const camel = (word: string): string => word.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snake = (word: string): string => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelMembers = (value: unknown): unknown => renamed(value, camel);
const snakeMembers = (value: unknown): unknown => renamed(value, snake);

function renamed(value: unknown, name: (word: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [name(key), renamed(member, name)]));
}

/** Durations are whole seconds and nanoseconds on disk. */
function milliseconds(value: unknown): number | null {
  if (!isObject(value)) return null;
  const { secs, nanos } = value;
  return typeof secs === 'number' && typeof nanos === 'number' ? secs * 1000 + Math.floor(nanos / 1e6) : null;
}

function duration(ms: number | null | undefined): Fields | null {
  if (ms === null || ms === undefined) return null;
  const secs = Math.floor(ms / 1000);
  return { secs, nanos: Math.round((ms - secs * 1000) * 1e6) };
}

/** Paths of a command are `file:` URIs on disk; other texts are left alone. */
function pathFromUri(value: string): string {
  if (!value.startsWith('file://')) return value;
  try {
    return fileURLToPath(value);
  } catch {
    return value;
  }
}

function uriOfPath(value: string): string {
  return value.startsWith('/') || /^[A-Za-z]:[\\/]/.test(value) ? pathToFileURL(value).href : value;
}
