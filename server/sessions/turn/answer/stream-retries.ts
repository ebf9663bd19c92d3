/** Requests an answer again whose stream broke, and tells the clients of each new try (docs/protocol/turns.md §8). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnThread, WorkTurn } from '../../live/turn-thread.js';
import { ModelError } from '../../model/provider/model-provider.js';

/** The first wait, in milliseconds, before a broken stream is requested again; it doubles. */
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 10_000;

export interface StreamRetries {
  readonly thread: { readonly id: string; readonly events: Pick<TurnThread['events'], 'notify'> };
  readonly turn: Pick<WorkTurn, 'id' | 'signal'>;
  /** How often the answer is requested again. */
  readonly most: number;
}

/**
 * The result of `ask`, which is called again after an error of a stream. Rejects with the error that no further try can
 * avoid, or with the reason for which the turn was aborted.
 */
export async function withStreamRetries<T>({ thread, turn, most }: StreamRetries, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ModelError) || error.retry === 'never' || tries > most) throw error;
      thread.events.notify('error', {
        error: {
          message: `Reconnecting... ${tries}/${most}`,
          codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: httpStatus(error) } },
          additionalDetails: error.message,
          misalignment: null,
        },
        willRetry: true,
        threadId: thread.id,
        turnId: turn.id,
      });
      const wait = Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), MAX_RETRY_MS) * (0.9 + Math.random() * 0.2);
      await sleep(error.retryAfterMs ?? wait, undefined, { signal: turn.signal });
    }
  }
}

function httpStatus({ info }: ModelError): number | null {
  return typeof info === 'object' && 'httpConnectionFailed' in info
    ? (info.httpConnectionFailed.httpStatusCode ?? null)
    : null;
}
