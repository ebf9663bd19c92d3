/** Reads the server-sent events of a model's answer as they arrive, with a limit on silence. */
import { messageOf } from '../../../errors/message-of.js';
import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import { errorInAnswer, streamError } from '../provider/model-errors.js';
import { ModelError } from '../provider/model-provider.js';

export interface ServerEvent {
  /** The name in the event's own line; null: it has none. */
  readonly event: string | null;
  readonly data: string;
}

export interface ServerEventsOptions {
  /** The requested address, for errors. */
  readonly url: string;
  /** In milliseconds: a longer silence counts as a broken stream. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** How many characters of an answer without events are stored: it may be an error, or a whole answer. */
const MAX_HEAD = 8 * 1024 * 1024;

/**
 * Yields events in batches as the network delivers them. An answer that is one JSON object becomes one event: some
 * servers do not stream. Throws ModelError, or the signal's reason.
 */
export async function* serverEvents(
  body: Readable,
  { url, idleMs, signal }: ServerEventsOptions,
): AsyncGenerator<readonly ServerEvent[], void> {
  let batch: ServerEvent[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => batch.push({ event: event ?? null, data }) });
  const decoder = new TextDecoder();
  /** The text before the first event; null: there was an event. */
  let head: string | null = '';
  let idle = false;
  const expire = (): void => {
    idle = true;
    body.destroy();
  };
  const taken = (): readonly ServerEvent[] => {
    head = null;
    const ready = batch;
    batch = [];
    return ready;
  };
  let clock = setTimeout(expire, idleMs);
  try {
    const chunks: AsyncIterable<Buffer> = body;
    for await (const chunk of chunks) {
      clearTimeout(clock);
      const text = decoder.decode(chunk, { stream: true });
      parser.feed(text);
      if (batch.length > 0) yield taken();
      else if (head !== null && head.length < MAX_HEAD) head += text;
      clock = setTimeout(expire, idleMs);
    }
    if (idle) throw streamError('idle timeout waiting for SSE');
    // The last event counts without the blank line after it.
    parser.feed(`${decoder.decode()}\n\n`);
    if (batch.length > 0) yield taken();
    else if (head !== null) yield* wholeAnswer(head, url);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ModelError) throw error;
    throw streamError(idle ? 'idle timeout waiting for SSE' : messageOf(error));
  } finally {
    clearTimeout(clock);
    body.destroy(); // a reader that stopped does not need the connection
  }
}

/**
 * A line of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 */
const FIELD = /^(?:|data|event|id|retry):/;

/** Throws ModelError for an error, and for a text that is not an answer (a login page). */
function* wholeAnswer(text: string, url: string): Generator<readonly ServerEvent[]> {
  // Comments and fields of a stream that ended before its first event.
  if (text.split(/\r\n|\r|\n/).every((line) => line === '' || FIELD.test(line))) return;
  const error = errorInAnswer(text, url);
  if (error !== null) throw error;
  yield [{ event: null, data: text }];
}
