/** Token usage of a thread. */
import { defaulted, i64, list, nullish, optional, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ThreadUsageBreakdownGroup = struct('ThreadUsageBreakdownGroup', {
  model: nullish(text),
  reasoningEffort: nullish(text),
  speed: nullish(text),
  estimatedUsageCreditsMicros: i64,
  netNewInputTokens: nullish(i64),
  cachedInputTokens: nullish(i64),
  inputTokens: nullish(i64),
  outputTokens: nullish(i64),
  totalTokens: nullish(i64),
});
export type ThreadUsageBreakdownGroup = Wire<typeof ThreadUsageBreakdownGroup>;

export const ThreadUsage = struct('ThreadUsage', {
  threadId: text,
  estimatedUsageCreditsMicros: i64,
  estimatedUsageUsdMicros: nullish(i64),
  nativeUsageUsdMicros: optional(i64),
  groups: list(ThreadUsageBreakdownGroup),
});
export type ThreadUsage = Wire<typeof ThreadUsage>;

export const TokenUsageBreakdown = struct('TokenUsageBreakdown', {
  totalTokens: i64,
  inputTokens: i64,
  cachedInputTokens: i64,
  cacheWriteInputTokens: defaulted(i64, 0),
  outputTokens: i64,
  reasoningOutputTokens: i64,
});
export type TokenUsageBreakdown = Wire<typeof TokenUsageBreakdown>;

export const ThreadTokenUsage = struct('ThreadTokenUsage', {
  total: TokenUsageBreakdown,
  last: TokenUsageBreakdown,
  modelContextWindow: nullish(i64),
});
export type ThreadTokenUsage = Wire<typeof ThreadTokenUsage>;

export const ThreadTokenUsageUpdatedNotification = struct('ThreadTokenUsageUpdatedNotification', {
  threadId: text,
  turnId: text,
  tokenUsage: ThreadTokenUsage,
});
export type ThreadTokenUsageUpdatedNotification = Wire<typeof ThreadTokenUsageUpdatedNotification>;
