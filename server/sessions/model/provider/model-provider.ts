/**
 * A model endpoint as the agent loop sees it: one request in, a stream of events out. Which wire it speaks (Responses,
 * Chat Completions, a cassette) is the business of the file that is named for it (docs/protocol/turns.md §3, §8).
 */
import type { CodexErrorInfo } from '../../../../schema/protocol/threads/turn.js';
import { CodexdError } from '../../../errors/codexd-error.js';

/** An item of the model's history, as the Responses API writes it. Members that we do not know are carried along. */
export interface HistoryItem {
  readonly type: string;
  readonly [member: string]: unknown;
}

/**
 * What a server of Chat Completions sent with an item and may want back, in the item's member `chat`. It goes back to
 * that provider alone, and to no other wire.
 */
export interface ChatExtra {
  readonly provider: string;
  /** Members of the message. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** Members of the tool call. */
  readonly call?: Readonly<Record<string, unknown>>;
  /** The member of the message that held the reasoning. */
  readonly reasoning?: string;
}

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
  /** A JSON schema that the last message must fulfil; null asks for text. */
  readonly outputSchema: { readonly name: string; readonly strict: boolean; readonly schema: unknown } | null;
  readonly serviceTier: string | null;
  readonly identity: RequestIdentity;
}

/** What headers and metadata tell the endpoint about where a request comes from (docs/protocol/turns.md §3). */
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
  /** An item is whole. It always comes, also for items that were never started. */
  | { readonly type: 'item'; readonly item: HistoryItem }
  /** Words of ours for the person: how the endpoint is used. Not the model's, and in no history. */
  | { readonly type: 'notice'; readonly message: string }
  /** The response is whole; nothing follows. */
  | { readonly type: 'completed'; readonly responseId: string | null; readonly usage: ModelUsage | null };

type ModelErrorDetails = Partial<Pick<ModelError, 'noSuchPath' | 'broken' | 'status' | 'retryAfterMs'>>;

/** What went wrong between us and the model, in the words of docs/protocol/turns.md §8. */
export class ModelError extends CodexdError {
  readonly info: CodexErrorInfo;
  /**
   * `stream`: worth asking again, announced to clients, up to `streamMaxRetries` times. `never`: the answer would be
   * the same. (Silent repetition of a request before its stream began is the provider's own business.)
   */
  readonly retry: 'never' | 'stream';
  /** The endpoint has no such path: it may speak another wire (chat-fallback.ts). */
  readonly noSuchPath: boolean;
  /** The stream broke off or fell silent; the endpoint reported no error. */
  readonly broken: boolean;

  /** The endpoint's HTTP status; null: it is not about one. */
  readonly status: number | null;
  /** The endpoint asks to wait so long, in milliseconds; null: it says nothing. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    info: CodexErrorInfo,
    retry: ModelError['retry'],
    { noSuchPath = false, broken = false, status = null, retryAfterMs = null }: ModelErrorDetails = {},
  ) {
    super('model.failed', message);
    this.name = 'ModelError';
    this.info = info;
    this.retry = retry;
    this.noSuchPath = noSuchPath;
    this.broken = broken;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ModelProvider {
  readonly id: string;
  readonly streamMaxRetries: number;
  /**
   * Asks the model. Ends after `completed`; throws ModelError otherwise. Aborting the signal closes the connection at
   * once and ends the iteration with the signal's reason.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
