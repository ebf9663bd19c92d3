/**
 * The notifications of a server about its threads, as messages of `codex/event` (docs/protocol/services.md §11). The
 * reference sends the events of its core; codexd makes the same ones from the notifications of the app-server.
 */
import type { Client, Dispose } from '../../../../clients/typescript/index.js';
import type { NotificationParams, ServerNotificationMethod } from '../../../../schema/registry.js';
import { itemCompleted, itemStarted, snake, type LegacyMessage } from './legacy-item.js';

/** `turnId`: of which turn; null: of no turn. */
export type EventSink = (threadId: string, turnId: string | null, message: LegacyMessage) => void;

/** Reports every event of every thread, until the returned function is called. */
export function watchEvents(client: Client, sink: EventSink): Dispose {
  const ends: Dispose[] = [];
  const on = <M extends ServerNotificationMethod>(
    method: M,
    read: (params: NotificationParams<M>) => readonly LegacyMessage[],
  ): void => {
    ends.push(
      client.onNotification(method, (params) => {
        const { threadId, turnId, turn } = params as Partial<Addressed>;
        if (typeof threadId !== 'string') return;
        for (const message of read(params)) sink(threadId, turnId ?? turn?.id ?? null, message);
      }),
    );
  };
  on('turn/started', ({ turn }) => [
    {
      type: 'task_started',
      turn_id: turn.id,
      started_at: turn.startedAt ?? null,
      model_context_window: null,
      collaboration_mode_kind: 'default',
    },
  ]);
  on('turn/completed', ({ turn }) => (turn.status === 'interrupted' ? [aborted(turn)] : []));
  on('item/started', ({ item, ...place }) => itemStarted(item, place));
  on('item/completed', ({ item, ...place }) => itemCompleted(item, place));
  on('item/agentMessage/delta', (params) => [{ type: 'agent_message_content_delta', ...delta(params) }]);
  on('item/plan/delta', (params) => [{ type: 'plan_delta', ...delta(params) }]);
  on('item/reasoning/summaryTextDelta', (params) => [
    { type: 'reasoning_content_delta', ...delta(params), summary_index: params.summaryIndex },
  ]);
  on('item/reasoning/textDelta', (params) => [
    { type: 'reasoning_raw_content_delta', ...delta(params), content_index: params.contentIndex },
  ]);
  on('item/commandExecution/outputDelta', ({ itemId, delta: text }) => [
    {
      type: 'exec_command_output_delta',
      call_id: itemId,
      stream: 'stdout',
      chunk: Buffer.from(text, 'utf8').toString('base64'),
    },
  ]);
  on('turn/plan/updated', ({ explanation = null, plan }) => [
    { type: 'plan_update', explanation, plan: plan.map(({ step, status }) => ({ step, status: snake(status) })) },
  ]);
  on('turn/diff/updated', ({ diff }) => [{ type: 'turn_diff', unified_diff: diff }]);
  on('thread/tokenUsage/updated', ({ tokenUsage: { total, last, modelContextWindow = null } }) => [
    {
      type: 'token_count',
      info: {
        total_token_usage: usage(total),
        last_token_usage: usage(last),
        model_context_window: modelContextWindow,
      },
      rate_limits: null,
    },
  ]);
  on('warning', ({ message }) => [{ type: 'warning', message }]);
  on('error', ({ error: { message, codexErrorInfo = null, additionalDetails = null }, willRetry }) => {
    const info = typeof codexErrorInfo === 'string' ? snake(codexErrorInfo) : codexErrorInfo;
    return willRetry
      ? [{ type: 'stream_error', message, codex_error_info: info, additional_details: additionalDetails }]
      : [{ type: 'error', message, codex_error_info: info }];
  });
  on('mcpServer/startupStatus/updated', ({ name, status, error = null }) => [
    {
      type: 'mcp_startup_update',
      server: name,
      status: status === 'failed' ? { state: status, error: error ?? '' } : { state: status },
    },
  ]);
  return () => {
    for (const end of ends) end();
  };
}

interface Addressed {
  readonly threadId: string | null;
  readonly turnId: string | null;
  readonly turn: { readonly id: string };
}

type Turn = NotificationParams<'turn/completed'>['turn'];

const aborted = ({ id, completedAt = null, durationMs = null }: Turn): LegacyMessage => ({
  type: 'turn_aborted',
  turn_id: id,
  reason: 'interrupted',
  completed_at: completedAt,
  duration_ms: durationMs,
});

/** The last event of a turn that was not interrupted. */
export const taskComplete = (
  { id, completedAt = null, durationMs = null }: Turn,
  lastMessage: string | null,
): LegacyMessage => ({
  type: 'task_complete',
  turn_id: id,
  last_agent_message: lastMessage,
  completed_at: completedAt,
  duration_ms: durationMs,
});

interface Delta {
  readonly threadId: string;
  readonly turnId: string;
  readonly itemId: string;
  readonly delta: string;
}

const delta = ({ threadId, turnId, itemId, delta: text }: Delta): object => ({
  thread_id: threadId,
  turn_id: turnId,
  item_id: itemId,
  delta: text,
});

type Usage = NotificationParams<'thread/tokenUsage/updated'>['tokenUsage']['total'];

const usage = ({
  inputTokens,
  cachedInputTokens,
  outputTokens,
  reasoningOutputTokens,
  totalTokens,
}: Usage): object => ({
  input_tokens: inputTokens,
  cached_input_tokens: cachedInputTokens,
  output_tokens: outputTokens,
  reasoning_output_tokens: reasoningOutputTokens,
  total_tokens: totalTokens,
});
