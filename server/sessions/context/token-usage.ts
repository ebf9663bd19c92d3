/**
 * Counts the tokens of a thread, on the wire and in the rollout (docs/protocol/turns.md §2, docs/protocol/threads.md
 * §12.2).
 */
import type { ThreadTokenUsage, TokenUsageBreakdown } from '../../../schema/protocol/threads/thread-usage.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import { UNKNOWN_WINDOW, type ModelInfo } from '../model/model-info.js';
import type { ModelUsage } from '../model/provider/model-provider.js';
import type { NewRecord } from '../store/records/rollout-record.js';

/** The part of the window for the conversation, in percent. */
const USABLE_PERCENT = 95;
/** The part of the window at which a history is summarised, in percent. */
const COMPACT_PERCENT = 90;

type WindowFacts = Pick<ModelInfo, 'contextWindow' | 'usablePercent' | 'compactLimit'>;

/** How many tokens a conversation may use: `model_context_window`, else the known value of the model. */
export function contextWindow(table: TomlTable, model: WindowFacts): number {
  return Math.floor((wholeWindow(table, model) * (model.usablePercent ?? USABLE_PERCENT)) / 100);
}

/**
 * The number of tokens at which a history is summarised automatically: `model_auto_compact_token_limit`, else the
 * model's own.
 */
export function compactLimit(table: TomlTable, model: WindowFacts): number {
  const most = Math.floor((wholeWindow(table, model) * COMPACT_PERCENT) / 100);
  return count(table.model_auto_compact_token_limit) ?? Math.min(model.compactLimit ?? most, most);
}

function wholeWindow(table: TomlTable, { contextWindow: known }: WindowFacts): number {
  return count(table.model_context_window) ?? known ?? UNKNOWN_WINDOW;
}

const count = (value: unknown): number | null =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;

/** Records the usage of one response and notifies clients. */
export function countUsage(
  thread: TurnThread,
  turn: WorkTurn,
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
    tokenCount(total, last, window),
  ]);
  thread.setTokenUsage(turn.id, now);
}

/**
 * After a compaction the last response's usage does not predict the next request, so an estimate replaces it. The
 * totals stay. `bytes`: the size of the new history.
 */
export function estimateUsage(thread: TurnThread, turn: WorkTurn, bytes: number, window: number): void {
  const last = { ...NOTHING, totalTokens: Math.ceil(bytes / BYTES_PER_TOKEN) };
  const total = thread.tokenUsage?.total ?? NOTHING;
  thread.record([tokenCount(total, last, window)]);
  thread.setTokenUsage(turn.id, { total, last, modelContextWindow: window });
}

/**
 * The endpoint refused a request because it does not fit. The window counts as full, so that a compaction comes first.
 * `window`, `limit`: in tokens; the configured limit may be above the window.
 */
export function markFull(thread: TurnThread, turn: WorkTurn, window: number, limit: number): void {
  estimateUsage(thread, turn, Math.max(window, limit) * BYTES_PER_TOKEN, window);
}

/** An estimate, similar to the count of endpoints. */
const BYTES_PER_TOKEN = 4;

const NOTHING: TokenUsageBreakdown = {
  totalTokens: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
};

function tokenCount(total: TokenUsageBreakdown, last: TokenUsageBreakdown, window: number): NewRecord {
  const info = {
    total_token_usage: stored(total),
    last_token_usage: stored(last),
    model_context_window: window,
  };
  return { type: 'event_msg', payload: { type: 'token_count', info, rate_limits: null } };
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

/** With the names of files and of hooks. */
export const stored = (usage: TokenUsageBreakdown) => ({
  input_tokens: usage.inputTokens,
  cached_input_tokens: usage.cachedInputTokens,
  cache_write_input_tokens: usage.cacheWriteInputTokens,
  output_tokens: usage.outputTokens,
  reasoning_output_tokens: usage.reasoningOutputTokens,
  total_tokens: usage.totalTokens,
});
