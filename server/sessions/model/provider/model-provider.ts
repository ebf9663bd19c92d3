/**
 * A model endpoint for the agent loop: one request in, a stream of events out. The implementing file determines the
 * API: Responses, Chat Completions, or a cassette (docs/protocol/turns.md §3, §8).
 */
import type { ChatExtra, HistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import type { CodexErrorInfo } from '../../../../schema/protocol/threads/turn.js';
import { CodexdError } from '../../../errors/codexd-error.js';
import type { Refused } from './refused.js';

export type { ChatExtra, HistoryItem };

/** A tool as the Responses API declares it. */
export interface ToolDefinition {
  readonly type: string;
  readonly [member: string]: unknown;
}

export interface ModelRequest {
  readonly model: string;
  readonly input: readonly HistoryItem[];
  readonly tools: readonly ToolDefinition[];
  readonly reasoning: { readonly effort: string | null; readonly summary: string | null };
  readonly verbosity: string | null;
  /** A JSON schema for the last message; null requests text. */
  readonly outputSchema: { readonly name: string; readonly strict: boolean; readonly schema: unknown } | null;
  readonly serviceTier: string | null;
  readonly identity: RequestIdentity;
}

/** The origin of a request, which headers and metadata send to the endpoint (docs/protocol/turns.md §3). */
export interface RequestIdentity {
  readonly threadId: string;
  readonly turnId: string;
  readonly kind: 'turn' | 'compaction' | 'review' | 'guardian';
  /** How often the context was compacted: the window's number. */
  readonly window: number;
  readonly originator: string;
  readonly userAgent: string;
  /** Legacy name of the sandbox, for the turn metadata. */
  readonly sandbox: string;
  readonly turnStartedAtMs: number;
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
}

export type ModelEvent =
  /** An item begins; its text or input comes in deltas. */
  | { readonly type: 'itemStarted'; readonly item: HistoryItem }
  | { readonly type: 'textDelta'; readonly itemId: string; readonly delta: string }
  | { readonly type: 'summaryPart'; readonly itemId: string; readonly index: number }
  | { readonly type: 'summaryDelta'; readonly itemId: string; readonly index: number; readonly delta: string }
  | { readonly type: 'reasoningDelta'; readonly itemId: string; readonly index: number; readonly delta: string }
  | { readonly type: 'toolInputDelta'; readonly itemId: string; readonly delta: string }
  /** An item is complete. It always comes, also for items that were never started. */
  | { readonly type: 'item'; readonly item: HistoryItem }
  /**
   * A message of codexd for the person about the use of the endpoint. The model did not write it, and it is in no
   * history.
   */
  | { readonly type: 'notice'; readonly message: string }
  /** The response is complete; nothing follows. */
  | { readonly type: 'completed'; readonly responseId: string | null; readonly usage: ModelUsage | null };

type ModelErrorDetails = Partial<Pick<ModelError, 'noSuchPath' | 'broken' | 'status' | 'retryAfterMs' | 'refused'>>;

/** A failure between codexd and the model, in the words of docs/protocol/turns.md §8. */
export class ModelError extends CodexdError {
  readonly info: CodexErrorInfo;
  /**
   * `stream`: the turn repeats the request up to `streamMaxRetries` times and notifies clients. `never`: the answer
   * would be the same. (The provider itself silently repeats a request before its stream begins.)
   */
  readonly retry: 'never' | 'stream';
  /** The endpoint has no such path: it may support another API (chat-fallback.ts). */
  readonly noSuchPath: boolean;
  /** The stream ended early or was silent; the endpoint reported no error. */
  readonly broken: boolean;

  /** The endpoint's HTTP status; null: the error has none. */
  readonly status: number | null;
  /** How long the endpoint asks to wait, in milliseconds; null: it does not say. */
  readonly retryAfterMs: number | null;
  /** What of the input the endpoint does not take; null: it is not about that. */
  readonly refused: Refused | null;

  constructor(
    message: string,
    info: CodexErrorInfo,
    retry: ModelError['retry'],
    { noSuchPath = false, broken = false, status = null, retryAfterMs = null, refused = null }: ModelErrorDetails = {},
  ) {
    super('model.failed', message);
    this.name = 'ModelError';
    this.info = info;
    this.retry = retry;
    this.noSuchPath = noSuchPath;
    this.broken = broken;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.refused = refused;
  }
}

export interface ModelProvider {
  readonly id: string;
  readonly streamMaxRetries: number;
  /**
   * Sends a request to the model. Ends after `completed`; otherwise throws ModelError. Aborting the signal closes the
   * connection at once and ends the iteration with the signal's reason.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
