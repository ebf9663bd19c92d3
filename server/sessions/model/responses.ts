/** The Responses API over server-sent events (docs/protocol/turns.md §3, §8). */
import type { Endpoint } from './endpoint.js';
import { failedError, incompleteError, streamError } from './model-errors.js';
import type { HistoryItem, ModelEvent, ModelProvider, ModelRequest, ModelUsage } from './model-provider.js';
import type { ProviderSettings } from './provider-settings.js';
import { identityHeaders, identityMetadata } from './request-identity.js';

export function responsesProvider(
  settings: ProviderSettings,
  endpoint: Endpoint,
  installationId: string,
): ModelProvider {
  return {
    id: settings.id,
    streamMaxRetries: settings.streamMaxRetries,
    async *stream(request, signal) {
      const post = {
        path: '/responses',
        headers: { accept: 'text/event-stream', ...identityHeaders(request, installationId) },
        body: requestBody(request, installationId),
      };
      for await (const batch of endpoint.post(post, signal)) {
        for (const data of batch) {
          const event = readEvent(data);
          if (event === null) continue;
          yield event;
          if (event.type === 'completed') return; // Whatever follows is not ours.
        }
      }
      throw streamError('stream closed before response.completed');
    },
  };
}

function requestBody(request: ModelRequest, installationId: string): object {
  const { model, input, tools, reasoning, identity } = request;
  return {
    model,
    stream: true,
    input,
    tools,
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: {
      ...(reasoning.effort === null ? {} : { effort: reasoning.effort }),
      ...(reasoning.summary === null || reasoning.summary === 'none' ? {} : { summary: reasoning.summary }),
    },
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: identity.threadId,
    ...(request.serviceTier === null ? {} : { service_tier: request.serviceTier }),
    ...textOptions(request),
    client_metadata: identityMetadata(request, installationId),
  };
}

function textOptions({ verbosity, outputSchema }: ModelRequest): object {
  if (verbosity === null && outputSchema === null) return {};
  return {
    text: {
      ...(verbosity === null ? {} : { verbosity }),
      ...(outputSchema === null ? {} : { format: { type: 'json_schema', ...outputSchema } }),
    },
  };
}

/** Events that we do not know, and lines that are no JSON, are passed over. Throws ModelError for a failed response. */
function readEvent(data: string): ModelEvent | null {
  let event: WireEvent;
  try {
    event = JSON.parse(data) as WireEvent;
  } catch {
    return null; // `[DONE]`, and the noise of proxies.
  }
  switch (event?.type) {
    case 'response.output_text.delta':
      return { type: 'textDelta', itemId: event.item_id ?? '', delta: event.delta ?? '' };
    case 'response.output_item.added':
      return isItem(event.item) ? { type: 'itemStarted', item: event.item } : null;
    case 'response.output_item.done':
      return isItem(event.item) ? { type: 'item', item: event.item } : null;
    case 'response.reasoning_summary_part.added':
      return { type: 'summaryPart', itemId: event.item_id ?? '', index: event.summary_index ?? 0 };
    case 'response.reasoning_summary_text.delta':
      return {
        type: 'summaryDelta',
        itemId: event.item_id ?? '',
        index: event.summary_index ?? 0,
        delta: event.delta ?? '',
      };
    case 'response.reasoning_text.delta':
      return {
        type: 'reasoningDelta',
        itemId: event.item_id ?? '',
        index: event.content_index ?? 0,
        delta: event.delta ?? '',
      };
    case 'response.custom_tool_call_input.delta':
    case 'response.function_call_arguments.delta':
      return { type: 'toolInputDelta', itemId: event.item_id ?? '', delta: event.delta ?? '' };
    case 'response.completed':
      return { type: 'completed', responseId: event.response?.id ?? null, usage: usageOf(event.response?.usage) };
    case 'response.failed': {
      const { code, message } = event.response?.error ?? {};
      throw failedError(code, message ?? 'response.failed event received');
    }
    case 'response.incomplete':
      throw incompleteError(event.response?.incomplete_details?.reason ?? 'unknown');
    default:
      return null;
  }
}

/** The members that we read, of the events that we know; any of them may be missing. */
interface WireEvent {
  readonly type?: string;
  readonly item?: unknown;
  readonly item_id?: string;
  readonly delta?: string;
  readonly summary_index?: number;
  readonly content_index?: number;
  readonly response?: {
    readonly id?: string;
    readonly usage?: WireUsage | null;
    readonly error?: { readonly code?: unknown; readonly message?: string } | null;
    readonly incomplete_details?: { readonly reason?: string } | null;
  };
}

interface WireUsage {
  readonly input_tokens?: number;
  readonly input_tokens_details?: {
    readonly cached_tokens?: number;
    readonly cache_write_tokens?: number;
  } | null;
  readonly output_tokens?: number;
  readonly output_tokens_details?: { readonly reasoning_tokens?: number } | null;
  readonly total_tokens?: number;
}

function usageOf(usage: WireUsage | null | undefined): ModelUsage | null {
  if (!usage) return null;
  const inputTokens = usage.input_tokens ?? 0;
  const outputTokens = usage.output_tokens ?? 0;
  return {
    inputTokens,
    cachedInputTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    cacheWriteInputTokens: usage.input_tokens_details?.cache_write_tokens ?? 0,
    outputTokens,
    reasoningOutputTokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
    totalTokens: usage.total_tokens ?? inputTokens + outputTokens,
  };
}

function isItem(item: unknown): item is HistoryItem {
  return typeof item === 'object' && item !== null && typeof (item as { type?: unknown }).type === 'string';
}
