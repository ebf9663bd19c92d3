/** thread/sample and thread/sample/cancel (docs/protocol/threads.md §15). */
import { messageOf } from '../../../errors/message-of.js';
import { internalError, invalidRequest } from '../../../errors/rpc-error.js';
import { defineMethods } from '../../../rpc/connection/define-methods.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { parseThreadId } from '../../store/records/thread-id.js';
import type { ThreadStore } from '../../store/records/thread-store.js';
import type { Turns } from '../../turn/turns.js';

export interface SampleDeps {
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly turns: Pick<Turns, 'sample'>;
  readonly store: Pick<ThreadStore, 'at' | 'history'>;
}

const MAX_PROMPT_BYTES = 4000;
const CANCELED = new Error('sample canceled');

export const sampleMethods = defineMethods(({ threads, turns, store }: SampleDeps) => {
  /** By connection and request. */
  const running = new Map<string, AbortController>();
  const keyOf = (connectionId: number, requestId: unknown): string =>
    `${connectionId} ${typeof requestId} ${String(requestId)}`;
  return {
    /** `effort` is a wish that codexd does not follow: another one would give up what the endpoint has cached. */
    'thread/sample': async ({ threadId, expectedTurnId, allowInProgressTurn, prompt }, caller, context) => {
      const parsed = parseThreadId(threadId);
      if ('problem' in parsed) throw invalidRequest(parsed.problem);
      const thread = threads.get(parsed.id);
      if (thread === null) throw invalidRequest('thread/sample requires a loaded source');
      if (expectedTurnId === '' || prompt.trim() === '' || Buffer.byteLength(prompt) > MAX_PROMPT_BYTES) {
        throw invalidRequest(`thread/sample requires expectedTurnId and a prompt of at most ${MAX_PROMPT_BYTES} bytes`);
      }
      if (thread.ephemeral) throw invalidRequest('sample source must be a persistent root thread');
      await requireLatest(store, thread, expectedTurnId, allowInProgressTurn);
      const key = keyOf(caller.connectionId, context.requestId);
      const abort = new AbortController();
      running.set(key, abort);
      try {
        const signal = AbortSignal.any([abort.signal, caller.closed]);
        const sampled = await turns.sample(thread, prompt, caller.client, signal);
        if (sampled === null) throw internalError('sample stream ended before completion');
        const { responseId, text, usage } = sampled;
        return {
          sourceTurnId: expectedTurnId,
          responseId: responseId ?? '',
          text,
          inputTokens: usage?.inputTokens ?? null,
          cachedInputTokens: usage?.cachedInputTokens ?? null,
          outputTokens: usage?.outputTokens ?? null,
        };
      } catch (error) {
        if (abort.signal.aborted) throw internalError(CANCELED.message);
        throw internalError(messageOf(error));
      } finally {
        running.delete(key);
      }
    },
    /** Unknown and finished requests are no error. */
    'thread/sample/cancel': ({ requestId }, caller) => {
      running.get(keyOf(caller.connectionId, requestId))?.abort(CANCELED);
      return {};
    },
  };
});

/** Throws RpcError unless the turn is the thread's last one, and over (or `mayRun`). */
async function requireLatest(
  store: SampleDeps['store'],
  thread: LiveThread,
  turnId: string,
  mayRun: boolean,
): Promise<void> {
  const { turn, writer } = thread;
  if (turn !== null) {
    if (!mayRun) throw invalidRequest('sample source must be idle');
    if (turn.id !== turnId) throw invalidRequest('sample source turn must be the latest turn');
    return;
  }
  if (writer?.exists === true) {
    const history = await store.history(await store.at(writer.path));
    if (history.turnCount > 0 && history.indexOfTurn(turnId) === history.turnCount - 1) return;
  }
  throw invalidRequest('sample source turn must be the latest finished turn');
}
