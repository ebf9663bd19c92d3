/**
 * The context of a thread that the model knows nothing of, as records. A client's own items come behind it, also if
 * they are injected before the first turn (docs/protocol/threads.md §10).
 */
import type { LiveThread } from '../live/live-thread.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import { turnContext, type ContextOptions } from './turn-context.js';

/** Empty if there is a history already, or a turn that brings the context itself. */
export async function firstContext(
  thread: Pick<LiveThread, 'state' | 'turn' | 'runtime'>,
  options: Pick<ContextOptions, 'codexHome' | 'approvedPrefixes'>,
): Promise<readonly NewRecord[]> {
  const history = await thread.runtime.work.history.items();
  if (history.length > 0 || thread.turn !== null) return [];
  return turnContext({ ...options, state: thread.state, history, lastModel: null }).map((payload) => ({
    type: 'response_item',
    payload,
  }));
}
