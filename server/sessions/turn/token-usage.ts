/** Counting tokens over a thread, on the wire and in the rollout (spec/turns.md §2, spec/threads.md §12.2). */
import type { ThreadTokenUsage, TokenUsageBreakdown } from '../../../schema/thread-usage.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { LiveThread, LiveTurn } from '../live/live-thread.js';
import type { ModelUsage } from '../model/model-provider.js';
import type { RecordPayload } from '../store/rollout-record.js';

/** Of a model that nobody knows. */
const UNKNOWN_WINDOW = 272_000;
/** What is left for the conversation. */
const USABLE = 0.95;

/** In tokens. */
export function contextWindow(table: TomlTable): number {
  const configured = table.model_context_window;
  const whole = typeof configured === 'number' || typeof configured === 'bigint' ? Number(configured) : UNKNOWN_WINDOW;
  return Math.floor(whole * USABLE);
}

/** Writes one response's usage down and tells it. */
export function countUsage(
  thread: LiveThread,
  turn: LiveTurn,
  usage: ModelUsage,
  responseId: string | null,
  window: number,
): void {
  const last: TokenUsageBreakdown = { ...usage };
  const total = thread.tokenUsage === null ? last : sum(thread.tokenUsage.total, last);
  const common = { thread_id: thread.id, turn_id: turn.id, session_id: thread.id, root_turn_id: turn.rootTurnId };
  const now: ThreadTokenUsage = { total, last, modelContextWindow: window };
  thread.record([
    {
      type: 'token_usage_record',
      payload: { ...common, response_id: responseId, usage: stored(last), thread_token_usage: stored(total) },
    },
    {
      type: 'event_msg',
      payload: {
        type: 'token_count',
        info: {
          total_token_usage: stored(total),
          last_token_usage: stored(last),
          model_context_window: window,
        },
        rate_limits: null,
      },
    },
  ]);
  thread.setTokenUsage(turn.id, now);
}

function sum(a: TokenUsageBreakdown, b: TokenUsageBreakdown): TokenUsageBreakdown {
  return {
    totalTokens: a.totalTokens + b.totalTokens,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    cacheWriteInputTokens: a.cacheWriteInputTokens + b.cacheWriteInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningOutputTokens: a.reasoningOutputTokens + b.reasoningOutputTokens,
  };
}

const stored = (usage: TokenUsageBreakdown): RecordPayload => ({
  input_tokens: usage.inputTokens,
  cached_input_tokens: usage.cachedInputTokens,
  cache_write_input_tokens: usage.cacheWriteInputTokens,
  output_tokens: usage.outputTokens,
  reasoning_output_tokens: usage.reasoningOutputTokens,
  total_tokens: usage.totalTokens,
});
