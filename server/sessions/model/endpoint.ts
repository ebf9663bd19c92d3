/**
 * One HTTP request to a model endpoint, and the events of its answer: keys and headers, silent repetition before the
 * stream begins, the idle limit, and the errors of docs/protocol/turns.md §8.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Dispatcher } from 'undici';
import { makeDispatcher, prepareRequest, type EndpointOptions } from './endpoint-request.js';
import { ModelError } from './model-provider.js';
import { errorInAnswer, statusError, streamError, unreachableError } from './model-errors.js';

export interface Post {
  /** Behind the base URL, with a slash at the front. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Endpoint {
  /** The `data` of every server-sent event, batched as they arrive. Throws ModelError, or the signal's reason. */
  post(request: Post, signal: AbortSignal): AsyncGenerator<readonly string[], void>;
}

/** The first wait before a request is repeated; it doubles. */
const FIRST_WAIT_MS = 200;
/** Of an error's body this much is read: a page of HTML tells no more. */
const MAX_ERROR_BYTES = 64 * 1024;

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { settings } = options;
  let dispatcher: Promise<Dispatcher> | undefined;
  return {
    async *post({ path: suffix, headers, body }, signal) {
      const { url, headers: own } = await prepareRequest(options, suffix);
      const text = JSON.stringify(body);
      const { request } = await import('undici');
      dispatcher ??= makeDispatcher(options.env);
      const answer = await withRetries(settings.requestMaxRetries, signal, async () => {
        const response = await request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers, ...own },
          body: text,
          dispatcher: await dispatcher!,
          signal,
          headersTimeout: settings.streamIdleTimeoutMs,
          bodyTimeout: 0, // The idle limit below is ours: undici would say something else.
        }).catch((error: unknown) => {
          if (signal.aborted) throw signal.reason;
          throw unreachableError(url, error, settings.id);
        });
        if (response.statusCode >= 200 && response.statusCode < 300) return response;
        const said = await readSome(response.body);
        const requestId = response.headers['x-request-id'] ?? null;
        throw statusError(response.statusCode, said, url.href, typeof requestId === 'string' ? requestId : null);
      });
      yield* events(answer.body, url.href, settings.streamIdleTimeoutMs, signal);
    },
  };
}

async function* events(
  body: Dispatcher.ResponseData['body'],
  url: string,
  idleMs: number,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void> {
  let batch: string[] = [];
  const parser = createParser({ onEvent: ({ data }: EventSourceMessage) => batch.push(data) });
  const decoder = new TextDecoder();
  /** What came before the first event: LM Studio answers 200 and JSON to a path that it does not have. */
  let head: string | null = '';
  let idle = false;
  const expire = (): void => {
    idle = true;
    body.destroy();
  };
  let clock = setTimeout(expire, idleMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(clock);
      const text = decoder.decode(chunk, { stream: true });
      parser.feed(text);
      if (batch.length > 0) {
        head = null;
        const ready = batch;
        batch = [];
        yield ready;
      } else if (head !== null && head.length < MAX_ERROR_BYTES) head += text;
      clock = setTimeout(expire, idleMs);
    }
    if (idle) throw streamError('idle timeout waiting for SSE');
    const error = head === null ? null : errorInAnswer(head, url);
    if (error !== null) throw error;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ModelError) throw error;
    throw streamError(idle ? 'idle timeout waiting for SSE' : messageOf(error));
  } finally {
    clearTimeout(clock);
    body.destroy(); // Whoever stopped reading needs the connection no more.
  }
}

/**
 * Repeats what failed before a stream began: an endpoint that cannot be reached, or one that has trouble of its own.
 */
async function withRetries<T>(retries: number, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= retries || !isTransient(error)) throw error;
      await sleep(FIRST_WAIT_MS * 2 ** tried * (0.9 + Math.random() * 0.2), undefined, { signal });
    }
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.retry === 'never') return false;
  if (error.info === 'internalServerError') return true;
  const status =
    typeof error.info === 'object' && 'httpConnectionFailed' in error.info
      ? error.info.httpConnectionFailed.httpStatusCode
      : null;
  return status === null || status === undefined || status >= 500;
}

async function readSome(body: Dispatcher.ResponseData['body']): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(pieces).subarray(0, MAX_ERROR_BYTES).toString();
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
