/**
 * Chat Completions over server-sent events, for servers that support nothing else (Ollama, llama.cpp, vLLM, LM Studio
 * …): `wire_api = "chat"` (docs/configuration.md). The agent's history stays in the form of the Responses API. It is
 * converted here in both directions.
 */
import { ChatAnswer } from './chat-answer.js';
import { chatMessages, type ChatMessages } from './chat-messages.js';
import type { ChatSettings } from '../provider/chat-settings.js';
import { chatTools, type ChatTools } from './chat-tools.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import { ModelError, type ModelProvider, type ModelRequest } from '../provider/model-provider.js';
import type { ProviderSettings } from '../provider/provider-settings.js';

export function chatProvider(provider: ProviderSettings, endpoint: Endpoint): ModelProvider {
  const { chat: settings } = provider;
  return {
    id: provider.id,
    streamMaxRetries: provider.streamMaxRetries,
    async *stream(request, signal) {
      const tools = chatTools(request.tools);
      const messages = chatMessages(request.input, { tools, provider: provider.id, settings });
      const post = {
        path: '/chat/completions',
        headers: { accept: 'text/event-stream', 'user-agent': request.identity.userAgent },
        body: requestBody(request, tools, messages, settings),
        owner: request.identity,
      };
      const answer = new ChatAnswer({ tools, settings, provider: provider.id });
      try {
        for await (const batch of endpoint.post(post, signal)) {
          for (const { event, data } of batch) {
            // Some servers keep the connection open after it.
            if (data.trim() === '[DONE]') return yield* answer.end(true);
            yield* answer.take(event, data);
          }
        }
      } catch (error) {
        // The answer is complete; only the end of the connection was missing.
        if (!(answer.finished && error instanceof ModelError && error.broken)) throw located(error, messages);
      }
      yield* answer.end(false);
    },
  };
}

/** The error about a message as one about the items that the message was made from. */
function located(error: unknown, { origins }: ChatMessages): unknown {
  if (!(error instanceof ModelError) || error.refused?.kind !== 'place') return error;
  const { refused, message, info, retry } = error;
  const items = refused.items.flatMap((index) => origins[index] ?? []);
  return new ModelError(message, info, retry, { ...error, refused: { ...refused, items } });
}

function requestBody(
  request: ModelRequest,
  tools: ChatTools,
  { messages }: ChatMessages,
  settings: ChatSettings,
): object {
  const { model, reasoning, outputSchema } = request;
  return {
    model,
    stream: true,
    ...(settings.streamOptions ? { stream_options: { include_usage: true } } : {}),
    messages,
    ...(tools.definitions.length > 0 ? { tools: tools.definitions, tool_choice: 'auto' } : {}),
    ...(reasoning.effort === null ? {} : { reasoning_effort: reasoning.effort }),
    ...(outputSchema === null ? {} : { response_format: { type: 'json_schema', json_schema: outputSchema } }),
  };
}
