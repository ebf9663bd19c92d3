/**
 * Chat Completions over server-sent events, for servers that speak nothing else (Ollama, llama.cpp, vLLM, LM Studio …):
 * `wire_api = "chat"` (docs/configuration.md). The agent's history stays in the form of the Responses API; it is
 * translated here, both ways.
 */
import { randomUUID } from 'node:crypto';
import { chatMessages } from './chat-messages.js';
import { chatTools, type ChatTools } from './chat-tools.js';
import type { Endpoint } from './endpoint.js';
import { failedError, incompleteError, streamError } from './model-errors.js';
import type { HistoryItem, ModelEvent, ModelProvider, ModelRequest, ModelUsage } from './model-provider.js';
import type { ProviderSettings } from './provider-settings.js';

export function chatProvider(settings: ProviderSettings, endpoint: Endpoint): ModelProvider {
  return {
    id: settings.id,
    streamMaxRetries: settings.streamMaxRetries,
    async *stream(request, signal) {
      const tools = chatTools(request.tools);
      const post = {
        path: '/chat/completions',
        headers: { accept: 'text/event-stream', 'user-agent': request.identity.userAgent },
        body: requestBody(request, tools),
      };
      const answer = new Answer(tools);
      for await (const batch of endpoint.post(post, signal)) {
        for (const data of batch) {
          if (data !== '[DONE]') yield* answer.take(data);
        }
      }
      yield* answer.end();
    },
  };
}

function requestBody(request: ModelRequest, tools: ChatTools): object {
  const { model, reasoning, outputSchema } = request;
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: chatMessages(request.input, tools),
    ...(tools.definitions.length > 0 ? { tools: tools.definitions, tool_choice: 'auto' } : {}),
    ...(reasoning.effort === null ? {} : { reasoning_effort: reasoning.effort }),
    ...(outputSchema === null ? {} : { response_format: { type: 'json_schema', json_schema: outputSchema } }),
  };
}

/** One answer as it grows. */
class Answer {
  readonly #tools: ChatTools;
  readonly #messageId = `msg_${randomUUID()}`;
  readonly #reasoningId = `rs_${randomUUID()}`;
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();
  #text: string | null = null;
  #reasoning: string | null = null;
  #reasoningTold = false;
  #finish: string | null = null;
  #id: string | null = null;
  #usage: ModelUsage | null = null;

  constructor(tools: ChatTools) {
    this.#tools = tools;
  }

  *take(data: string): Generator<ModelEvent> {
    let chunk: Chunk;
    try {
      chunk = JSON.parse(data) as Chunk;
    } catch {
      return;
    }
    if (chunk.error) {
      const { code, message } = typeof chunk.error === 'string' ? { code: null, message: chunk.error } : chunk.error;
      throw failedError(code, message ?? 'the endpoint reported an error');
    }
    this.#id ??= chunk.id ?? null;
    if (chunk.usage) this.#usage = usageOf(chunk.usage);
    const choice = chunk.choices?.[0];
    if (choice === undefined) return;
    const { content, reasoning_content: thought = choice.delta?.reasoning, tool_calls: calls } = choice.delta ?? {};
    if (thought) {
      if (this.#reasoning === null) yield { type: 'itemStarted', item: this.#reasoningItem() };
      this.#reasoning = (this.#reasoning ?? '') + thought;
      yield { type: 'reasoningDelta', itemId: this.#reasoningId, index: 0, delta: thought };
    }
    if (content) {
      yield* this.#endReasoning();
      if (this.#text === null) yield { type: 'itemStarted', item: this.#message('') };
      this.#text = (this.#text ?? '') + content;
      yield { type: 'textDelta', itemId: this.#messageId, delta: content };
    }
    for (const [position, call] of (calls ?? []).entries()) this.#grow(call.index ?? position, call);
    if (choice.finish_reason) this.#finish = choice.finish_reason;
  }

  *end(): Generator<ModelEvent> {
    if (this.#finish === null) throw streamError('stream closed before a finish_reason');
    yield* this.#endReasoning();
    if (this.#text !== null) yield { type: 'item', item: this.#message(this.#text) };
    if (this.#finish === 'length') throw incompleteError('max_output_tokens');
    if (this.#finish === 'content_filter') throw incompleteError('content_filter');
    for (const [, call] of [...this.#calls].sort(([a], [b]) => a - b)) {
      yield { type: 'item', item: this.#tools.callItem(call) };
    }
    yield { type: 'completed', responseId: this.#id, usage: this.#usage };
  }

  #grow(index: number, { id, function: called }: CallDelta): void {
    const call = this.#calls.get(index);
    if (call === undefined) {
      const first = { id: id ?? `call_${randomUUID()}`, name: called?.name ?? '', arguments: called?.arguments ?? '' };
      this.#calls.set(index, first);
      return;
    }
    // Some servers repeat the name with every piece.
    if (call.name === '') call.name = called?.name ?? '';
    call.arguments += called?.arguments ?? '';
  }

  *#endReasoning(): Generator<ModelEvent> {
    if (this.#reasoning === null || this.#reasoningTold) return;
    this.#reasoningTold = true;
    yield { type: 'item', item: this.#reasoningItem() };
  }

  #reasoningItem(): HistoryItem {
    const content = this.#reasoning === null ? [] : [{ type: 'reasoning_text', text: this.#reasoning }];
    return { type: 'reasoning', id: this.#reasoningId, summary: [], content, encrypted_content: null };
  }

  #message(text: string): HistoryItem {
    const content = text === '' ? [] : [{ type: 'output_text', text }];
    return { type: 'message', role: 'assistant', id: this.#messageId, content };
  }
}

interface Chunk {
  readonly id?: string;
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null;
      /** Two names for the same (vLLM and DeepSeek; Ollama and OpenRouter). */
      readonly reasoning_content?: string | null;
      readonly reasoning?: string | null;
      readonly tool_calls?: readonly CallDelta[] | null;
    };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: ChatUsage | null;
  readonly error?: string | { readonly code?: unknown; readonly message?: string } | null;
}

interface CallDelta {
  readonly index?: number;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null };
}

interface ChatUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly total_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null;
}

function usageOf(usage: ChatUsage): ModelUsage {
  const inputTokens = usage.prompt_tokens ?? 0;
  const outputTokens = usage.completion_tokens ?? 0;
  return {
    inputTokens,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    cacheWriteInputTokens: 0,
    outputTokens,
    reasoningOutputTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    totalTokens: usage.total_tokens ?? inputTokens + outputTokens,
  };
}
