/** The Responses API over server-sent events (docs/protocol/turns.md §3, §8). */
import type { Endpoint } from '../endpoint/endpoint.js';
import { streamError } from '../provider/model-errors.js';
import type { HistoryItem, ModelProvider, ModelRequest } from '../provider/model-provider.js';
import type { ProviderSettings } from '../provider/provider-settings.js';
import { identityHeaders, identityMetadata } from './request-identity.js';
import { ResponsesAnswer } from './responses-answer.js';

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
        owner: request.identity,
      };
      const answer = new ResponsesAnswer();
      for await (const batch of endpoint.post(post, signal)) {
        for (const { event, data } of batch) {
          for (const found of answer.take(event, data)) {
            yield found;
            if (found.type === 'completed') return; // nothing after it belongs to the answer
          }
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
    input: input.map(withoutChat),
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

/** Removes the members for Chat Completions: this API refuses unknown members. */
function withoutChat(item: HistoryItem): HistoryItem {
  if (!('chat' in item)) return item;
  const { chat: _, ...sent } = item;
  return sent;
}
