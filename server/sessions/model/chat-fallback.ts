/**
 * For servers without the Responses API (older Ollama, llama.cpp, vLLM, LM Studio): a request that was answered with
 * "no such path" is repeated over Chat Completions. The person is notified once. From then on only Chat Completions is
 * used.
 */
import { ModelError, type ModelProvider } from './provider/model-provider.js';
import type { ProviderSettings } from './provider/provider-settings.js';

export function withChatFallback(
  { id, name, baseUrl }: ProviderSettings,
  responses: ModelProvider,
  makeChat: () => Promise<ModelProvider>,
): ModelProvider {
  let chat: ModelProvider | null = null;
  return {
    ...responses,
    async *stream(request, signal) {
      if (chat !== null) return yield* chat.stream(request, signal);
      let refusal: ModelError;
      try {
        return yield* responses.stream(request, signal);
      } catch (error) {
        if (!(error instanceof ModelError && error.noSuchPath)) throw error;
        refusal = error;
      }
      const other = await makeChat();
      try {
        for await (const event of other.stream(request, signal)) {
          if (chat === null) {
            chat = other;
            yield { type: 'notice', message: noticeOf(id, name, baseUrl) };
          }
          yield event;
        }
      } catch (error) {
        // The server supports neither API, so the address is wrong: the first error describes it.
        throw error instanceof ModelError && error.noSuchPath ? refusal : error;
      }
    },
  };
}

const noticeOf = (id: string, name: string, baseUrl: string): string =>
  `${name} (${baseUrl}) does not have the Responses API; it is asked over Chat Completions. A provider with \`wire_api = "chat"\` says so from the beginning (\`${id}\` is asked for both).`;
