/**
 * A thread's model provider that sends only what the endpoint accepts: if it refuses a part of the history, that part
 * is omitted, and the request is repeated (docs/protocol/turns.md §8).
 */
import { ModelError, type ModelProvider } from '../model/provider/model-provider.js';
import type { TurnThread } from '../live/turn-thread.js';
import type { LeftOutRule } from '../runtime/left-out.js';
import { removalFor } from './left-out-rules.js';
import { withoutLeftOut } from './without-left-out.js';

/** In one turn: an endpoint that refuses more parts than this cannot be used. */
const MOST_REFUSALS = 8;
/** In characters: how much of the endpoint's text is reported. */
const MOST_WORDS = 300;

/** `thread`: stores it and notifies its subscribers. For one turn. */
export function acceptedProvider(
  provider: ModelProvider,
  thread: Pick<TurnThread, 'id' | 'events' | 'record' | 'runtime'>,
): ModelProvider {
  const { leftOut } = thread.runtime;
  let refusals = 0;
  return {
    id: provider.id,
    streamMaxRetries: provider.streamMaxRetries,
    async *stream(request, signal) {
      const scope = `${provider.id}/${request.model}`;
      let tried: readonly LeftOutRule[] = [];
      let told: readonly string[] = [];
      const keep = (): void => {
        if (tried.length === 0) return;
        thread.record([leftOut.add(scope, tried)]);
        for (const message of told) thread.events.notify('warning', { threadId: thread.id, message });
        [tried, told] = [[], []];
      };
      for (;;) {
        const rules = [...(await leftOut.rules(scope)), ...tried];
        const { sent, origins } = withoutLeftOut(request.input, rules);
        let begun = false;
        try {
          for await (const event of provider.stream({ ...request, input: sent }, signal)) {
            begun ||= event.type !== 'notice';
            if (begun) keep();
            yield event;
          }
          return;
        } catch (error) {
          if (begun || !(error instanceof ModelError) || error.refused === null) throw error;
          const removal = removalFor(error.refused, origins);
          if (removal === null || ++refusals > MOST_REFUSALS) throw error;
          const more = removal.rules.filter((rule) => !rules.some((other) => isSame(rule, other)));
          if (more.length === 0) throw error; // It was omitted already.
          tried = [...tried, ...more];
          told = [...told, wordsOf(error, removal.what)];
        }
      }
    },
  };
}

const isSame = (one: LeftOutRule, other: LeftOutRule): boolean => JSON.stringify(one) === JSON.stringify(other);

const wordsOf = ({ message }: ModelError, what: string): string =>
  `The model endpoint does not take a part of this thread's history, which is left out of this and later requests to it: ${what}. It says: ${message.slice(0, MOST_WORDS)}`;
