/** The counters of threads, models and hooks for /metrics, since the daemon's start. */
import type { TokenUsageBreakdown } from '../../schema/protocol/threads/thread-usage.js';
import type { Turn } from '../../schema/protocol/threads/turn.js';
import { newMcpCounts, type McpCounts } from './mcp-counts.js';

export type TurnEnd = Exclude<Turn['status'], 'inProgress'>;

/** Of hooks. */
export interface HookCounts {
  /** By the end of the run; `cancelled`: the turn, the thread or the daemon ended first. */
  readonly runs: Record<'completed' | 'failed' | 'blocked' | 'stopped' | 'cancelled', number>;
  /** The time of all runs together, in milliseconds. */
  ms: number;
}

export const newHookCounts = (): HookCounts => ({
  runs: { completed: 0, failed: 0, blocked: 0, stopped: 0, cancelled: 0 },
  ms: 0,
});

export interface SessionCounts {
  readonly turns: Record<TurnEnd, number>;
  /** As counted by endpoints: cached tokens are part of the input, reasoning is part of the output. */
  readonly tokens: Record<'input' | 'cached_input' | 'cache_write_input' | 'output' | 'reasoning_output', number>;
  /** Requests to models, repetitions included. */
  modelRequests: number;
  /** By the protocol's name of the error (`codexErrorInfo`). */
  readonly modelErrors: Map<string, number>;
  readonly mcp: McpCounts;
  readonly hooks: HookCounts;
}

export const newSessionCounts = (): SessionCounts => ({
  turns: { completed: 0, interrupted: 0, failed: 0 },
  tokens: { input: 0, cached_input: 0, cache_write_input: 0, output: 0, reasoning_output: 0 },
  modelRequests: 0,
  modelErrors: new Map(),
  mcp: newMcpCounts(),
  hooks: newHookCounts(),
});

/** `now` and `before`: the totals of a thread. */
export function countTokens(counts: SessionCounts, now: TokenUsageBreakdown, before: TokenUsageBreakdown | null): void {
  const { tokens } = counts;
  tokens.input += now.inputTokens - (before?.inputTokens ?? 0);
  tokens.cached_input += now.cachedInputTokens - (before?.cachedInputTokens ?? 0);
  tokens.cache_write_input += now.cacheWriteInputTokens - (before?.cacheWriteInputTokens ?? 0);
  tokens.output += now.outputTokens - (before?.outputTokens ?? 0);
  tokens.reasoning_output += now.reasoningOutputTokens - (before?.reasoningOutputTokens ?? 0);
}
