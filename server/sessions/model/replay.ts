/** A model that replays a recording: turns without a key and without a network, with the same result every time. */
import { messageOf } from '../../errors/message-of.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCassette, type Cassette, type CassetteResponse, type CassetteWriter } from './cassette.js';
import { ModelError, type HistoryItem, type ModelEvent, type ModelProvider } from './provider/model-provider.js';
import type { ProviderSettings } from './provider/provider-settings.js';

/**
 * Every thread plays the cassette from its beginning. It continues after the last response that has an item in the
 * thread's history, so a resumed thread continues at its place.
 */
export function replayProvider({ id, cassette: file }: ProviderSettings): ModelProvider {
  let cassette: Promise<Cassette> | undefined;
  const places = new Map<string, number>();
  return {
    id,
    streamMaxRetries: 0,
    async *stream({ input, identity }, signal) {
      if (file === null) throw fault(`model provider \`${id}\` replays, but no \`cassette\` says what`);
      const { responses } = await (cassette ??= readCassette(file)).catch((error: unknown) => {
        cassette = undefined; // the file may exist at the next turn
        throw fault(messageOf(error));
      });
      const place = Math.max(places.get(identity.threadId) ?? 0, placeIn(responses, input));
      const response = responses[place];
      if (response === undefined)
        throw fault(`the cassette ${file} has ${responses.length} responses, and all of them were played`);
      for (const { afterMs, ...event } of response.events) {
        if (afterMs !== undefined) await sleep(afterMs, undefined, { signal });
        if (signal.aborted) throw signal.reason;
        if (event.type === 'completed') places.set(identity.threadId, place + 1);
        yield event;
        if (event.type === 'completed') return;
      }
      throw fault(`response ${place + 1} of the cassette ${file} has no \`completed\` event`);
    },
  };
}

/** A provider that also writes its answers to a cassette. Incomplete responses are not recorded. */
export function recordingProvider(provider: ModelProvider, writer: CassetteWriter): ModelProvider {
  return {
    ...provider,
    async *stream(request, signal) {
      const events: ModelEvent[] = [];
      for await (const event of provider.stream(request, signal)) {
        if (event.type !== 'notice') events.push(event);
        if (event.type === 'completed') writer.write(events);
        yield event;
      }
    },
  };
}

function placeIn(responses: readonly CassetteResponse[], input: readonly HistoryItem[]): number {
  const known = new Set(
    input.flatMap(({ id, call_id: call }) => [id, call].filter((value) => typeof value === 'string')),
  );
  const seen = ({ events }: CassetteResponse): boolean =>
    events.some(
      (event) => event.type === 'item' && (known.has(String(event.item.id)) || known.has(String(event.item.call_id))),
    );
  return responses.findLastIndex(seen) + 1;
}

const fault = (message: string): ModelError => new ModelError(message, 'other', 'never');
