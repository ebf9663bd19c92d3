/** Hooks around each request to the model (docs/protocol/services.md §6). None of them can refuse a request. */
import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors/message-of.js';
import type { TurnThread } from '../live/turn-thread.js';
import type { ModelEvent, ModelProvider, ModelRequest, ModelUsage } from '../model/provider/model-provider.js';
import { stored } from '../context/token-usage.js';

/** The provider, with the hooks of the thread before and after each request of the turn. */
export function withModelHooks(
  provider: ModelProvider,
  { runtime: { hooks } }: Pick<TurnThread, 'runtime'>,
): ModelProvider {
  /** The request that is tried again after a failure. */
  let failed: { readonly id: string; readonly attempt: number } | null = null;
  return {
    id: provider.id,
    streamMaxRetries: provider.streamMaxRetries,
    stream(request, signal) {
      if (!hooks.has('preModelRequest') && !hooks.has('postModelRequest')) return provider.stream(request, signal);
      const { id, attempt } = failed ?? { id: randomUUID(), attempt: 0 };
      const now = { id, attempt: attempt + 1 };
      failed = null;
      return hooked(request, signal, now, () => (failed = now));
    },
  };

  async function* hooked(
    request: ModelRequest,
    signal: AbortSignal,
    { id, attempt }: { readonly id: string; readonly attempt: number },
    hasFailed: () => void,
  ): AsyncIterable<ModelEvent> {
    const { turnId, kind } = request.identity;
    const input = {
      kind: kind === 'compaction' ? 'foreground_compaction' : 'sampling',
      request_id: id,
      attempt_number: attempt,
    };
    const run = randomUUID();
    await hooks.run('preModelRequest', { names: [], input, id: run }, { id: turnId, signal });
    signal.throwIfAborted();
    let end: RequestEnd = { status: 'cancelled', error: null, token_usage: null, response_id: null };
    try {
      for await (const event of provider.stream(request, signal)) {
        if (event.type === 'completed') {
          const { usage, responseId } = event;
          end = { status: 'completed', error: null, token_usage: usageOf(usage), response_id: responseId };
        }
        yield event;
      }
    } catch (error) {
      if (!signal.aborted) {
        end = { ...end, status: 'failed', error: messageOf(error) };
        hasFailed();
      }
      throw error;
    } finally {
      const about = { names: [], input: { ...input, ...end }, id: run };
      const after = hooks.run('postModelRequest', about, { id: turnId, signal: null });
      // Nobody waits for them when the person does not want the answer any more.
      if (!signal.aborted) await after;
    }
  }
}

interface RequestEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly error: string | null;
  readonly token_usage: ReturnType<typeof usageOf>;
  readonly response_id: string | null;
}

const usageOf = (usage: ModelUsage | null) => (usage === null ? null : stored(usage));
