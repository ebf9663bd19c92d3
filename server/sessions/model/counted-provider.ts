/** Counts requests to models and their failures (server/metrics/session-counts.ts). */
import type { SessionCounts } from '../../metrics/session-counts.js';
import { ModelError, type ModelProvider } from './provider/model-provider.js';

export const countedProvider = (provider: ModelProvider, counts: SessionCounts): ModelProvider => ({
  id: provider.id,
  streamMaxRetries: provider.streamMaxRetries,
  async *stream(request, signal) {
    counts.modelRequests++;
    try {
      yield* provider.stream(request, signal);
    } catch (error) {
      if (!signal.aborted) {
        const kind = errorKind(error);
        counts.modelErrors.set(kind, (counts.modelErrors.get(kind) ?? 0) + 1);
      }
      throw error;
    }
  },
});

function errorKind(error: unknown): string {
  if (!(error instanceof ModelError)) return 'internal';
  const { info } = error;
  return typeof info === 'string' ? info : (Object.keys(info)[0] ?? 'other');
}
