/** One request to a thread's model beside its turns (thread/sample): it changes nothing in the thread. */
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import type { LiveThread } from '../live/live-thread.js';
import type { ModelInfoOf } from '../model/model-info.js';
import type { HistoryItem, ModelProvider, ModelUsage } from '../model/provider/model-provider.js';
import { isItem } from '../store/records/history-item.js';
import { textIn } from '../store/records/item-text.js';
import { newId } from '../store/records/thread-id.js';
import type { Toolbox } from '../tool-types/tool.js';
import { createTurnRequests } from './answer/turn-requests.js';

export interface Sample {
  readonly responseId: string | null;
  /** Null: the model said nothing, or wanted to call a tool, which nothing runs. */
  readonly text: string | null;
  readonly usage: ModelUsage | null;
}

export interface SampleOptions {
  readonly provider: ModelProvider;
  readonly infoOf: ModelInfoOf;
  readonly toolbox: Pick<Toolbox, 'definitions'>;
  readonly client: ClientIdentity;
}

/**
 * The request is that of the thread's next turn with `prompt` as its message, so that the endpoint can use what it has
 * cached of the thread. Null: the stream ended without an end of the response. Rejects with ModelError, and with the
 * signal's reason.
 */
export async function sample(
  thread: LiveThread,
  prompt: string,
  { provider, infoOf, toolbox, client }: SampleOptions,
  signal: AbortSignal,
): Promise<Sample | null> {
  const turn = { id: newId(), startedAtMs: Date.now() };
  const model = { provider, infoOf, client, kind: 'turn' as const };
  const requests = createTurnRequests({ thread, turn, model, toolbox }, () => thread.state);
  const history = await thread.runtime.work.history.items();
  const content = [{ type: 'input_text' as const, text: prompt }];
  const question: HistoryItem = { type: 'message', role: 'user', id: `msg_${newId()}`, content };
  const texts: string[] = [];
  let called = false;
  for await (const event of provider.stream(await requests.next([...history, question]), signal)) {
    if (event.type === 'completed') {
      const text = called || texts.length === 0 ? null : texts.join('');
      return { responseId: event.responseId, text, usage: event.usage };
    }
    if (event.type !== 'item') continue;
    if (isItem(event.item, 'message')) texts.push(textIn(event.item.content));
    else if (event.item.type.endsWith('_call')) called = true;
  }
  return null;
}
