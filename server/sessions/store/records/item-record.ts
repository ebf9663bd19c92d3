/**
 * Converts items to their form in `item_completed` records (`CommandExecution`, snake_case; docs/protocol/threads.md
 * §12.2); item-from-record.ts does the reverse.
 */
import { pathToFileURL } from 'node:url';
import type { ThreadItem, UserInput } from '../../../../schema/protocol/threads/item.js';
import type { RecordPayload } from './rollout-record.js';
import { splitWords } from '../../shell/shell-words.js';
import { snake, snakeMembers } from './spelling.js';

type Fields = Readonly<Record<string, unknown>>;

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

/** An item in the form of rollouts. */
export function recordedItem(item: ThreadItem): RecordPayload {
  const { type } = item;
  const write = WRITERS[type] as ((item: ThreadItem) => Fields) | undefined;
  const name = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  return { type: name, id: item.id, ...(write === undefined ? {} : write(item)) };
}

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
    // A member of codexd only; the official program ignores it.
    ...present('network_denial', item.networkDenial),
  }),
  fileChange: ({ changes, status }) => ({ changes: changesToRecord(changes), status: snake(status) }),
  mcpToolCall: (item) => ({
    server: item.server,
    ...present('environment_id', item.environmentId),
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
    ...present('network_denial', item.networkDenial),
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

const present = (name: string, value: unknown): Fields =>
  value === null || value === undefined ? {} : { [name]: value };

function duration(ms: number | null | undefined): Fields | null {
  if (ms === null || ms === undefined) return null;
  const secs = Math.floor(ms / 1000);
  return { secs, nanos: Math.round((ms - secs * 1000) * 1e6) };
}

function uriOfPath(value: string): string {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(value) ? pathToFileURL(value).href : value;
}
