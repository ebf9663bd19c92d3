/**
 * One HTTP request to a model endpoint, and the events of its answer: keys and headers, silent repetition before the
 * stream begins, redirects, the idle limit, and the errors of docs/protocol/turns.md §8.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { isCode } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import { plainBody } from './answer-body.js';
import {
  accountHeaders,
  prepareRequest,
  redirected,
  type EndpointOptions,
  type PreparedRequest,
} from './endpoint-request.js';
import { createOutbound, type Outbound, type OutboundAnswer } from './outbound.js';
import { ModelError } from '../provider/model-provider.js';
import type { TokenOwner } from '../provider/token-command.js';
import { statusError, unreachableError } from '../provider/model-errors.js';
import { serverEvents, type ServerEvent } from './server-events.js';
import { LONGEST_WAIT_MS } from '../provider/waiting.js';

export interface Post {
  /** The path after the base URL, with a leading slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The turn for which the request is made. */
  readonly owner: TokenOwner;
}

export interface Endpoint {
  /** Yields the server-sent events in batches as they arrive. Throws ModelError, or the signal's reason. */
  post(request: Post, signal: AbortSignal): AsyncGenerator<readonly ServerEvent[], void>;
}

/** The first wait before a request is repeated, in milliseconds; it doubles. */
const FIRST_WAIT_MS = 200;
/** How many bytes of an error's body are read: more of an HTML page does not help. */
const MAX_ERROR_BYTES = 64 * 1024;
/** A gateway that redirects more often is not followed. */
const MAX_REDIRECTS = 5;
/** These keep method and body (RFC 9110 §15.4). */
const REDIRECTS: readonly number[] = [307, 308];

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { settings } = options;
  let outbound: Outbound | undefined;
  return {
    async *post({ path: suffix, headers, body, owner }, signal) {
      const text = JSON.stringify(body);
      outbound ??= createOutbound(options.env);
      const exchange = { headers, text, outbound, signal };
      const attempt = async (): Promise<Answered> => {
        const prepared = await prepareRequest(options, suffix, { owner, signal });
        const sent = (request: PreparedRequest): Promise<Answered> =>
          withRetries(settings.requestMaxRetries, signal, () => send(options, request, exchange));
        try {
          return await sent(prepared);
        } catch (error) {
          // Tokens of the account may have been taken back early.
          const other = is401(error) ? await otherTokens(options, prepared, signal) : null;
          if (other === null) throw error;
          return sent(other);
        }
      };
      const { url, answer } = await attempt().catch((error: unknown) => {
        // A program's token may have expired early.
        if (!is401(error) || !options.tokens) throw error;
        options.tokens.forget();
        return attempt();
      });
      yield* serverEvents(answer, { url: url.href, idleMs: settings.streamIdleTimeoutMs, signal });
    },
  };
}

const is401 = (error: unknown): boolean => error instanceof ModelError && error.status === 401;

/** The same request with other tokens of the account; null: there are none. Throws ModelError. */
async function otherTokens(
  { account }: EndpointOptions,
  prepared: PreparedRequest,
  signal: AbortSignal,
): Promise<PreparedRequest | null> {
  if (prepared.grant === null || !account) return null;
  const grant = await account.after(prepared.grant, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new ModelError(messageOf(error), 'other', 'never');
  });
  return grant === null ? null : { ...prepared, headers: { ...prepared.headers, ...accountHeaders(grant) }, grant };
}

interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly outbound: Outbound;
  readonly signal: AbortSignal;
}

interface Answered {
  /** The URL that answered: redirects may have led to another address. */
  readonly url: URL;
  readonly answer: Readable;
}

/** Sends one request and follows redirects. Throws ModelError, or the signal's reason. */
async function send(options: EndpointOptions, prepared: PreparedRequest, exchange: Exchange): Promise<Answered> {
  let { url, headers } = prepared;
  const { grant } = prepared;
  for (let redirects = 0; ; redirects++) {
    const response = await requestOnce(options, { url, headers, grant }, exchange);
    const { status, headers: answered } = response;
    // An address that a redirect leads to does not know the account.
    if (redirects === 0) options.account?.answered(answered);
    const header = (name: string): string | null => {
      const value = answered[name];
      return typeof value === 'string' ? value : null;
    };
    const body = plainBody(response.body, header('content-encoding') ?? undefined);
    if (status >= 200 && status < 300) return { url, answer: body };
    const location = header('location');
    if (REDIRECTS.includes(status) && location !== null && redirects < MAX_REDIRECTS) {
      response.body.destroy();
      ({ url, headers } = redirected(options, { url, headers, grant }, location));
      continue;
    }
    const said = await readSome(body);
    throw statusError(status, said, {
      url: url.href,
      requestId: header('x-request-id'),
      retryAfter: header('retry-after'),
      location,
    });
  }
}

/**
 * A kept connection may have been closed by the server, which only its use shows. Then one more attempt does not count
 * as a retry.
 */
async function requestOnce(
  { settings }: EndpointOptions,
  { url, headers: own }: PreparedRequest,
  { headers, text, outbound, signal }: Exchange,
): Promise<OutboundAnswer> {
  const attempt = (fresh: boolean): Promise<OutboundAnswer> =>
    outbound.send({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers, ...own },
      body: text,
      signal,
      headTimeoutMs: settings.streamIdleTimeoutMs,
      fresh,
    });
  try {
    return await attempt(false).catch((error: unknown) => {
      if (!isCode(error, 'model.connection-closed')) throw error;
      return attempt(true);
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof ModelError ? error : unreachableError(url, error, settings.id);
  }
}

/**
 * Repeats requests that failed before the stream began: the endpoint was unreachable or reported a fault of its own.
 */
async function withRetries<T>(retries: number, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= retries || !isTransient(error)) throw error;
      const own = FIRST_WAIT_MS * 2 ** tried * (0.9 + Math.random() * 0.2);
      await sleep(error.retryAfterMs ?? own, undefined, { signal });
    }
  }
}

function isTransient(error: unknown): error is ModelError {
  if (!(error instanceof ModelError) || error.retry === 'never') return false;
  if ((error.retryAfterMs ?? 0) > LONGEST_WAIT_MS) return false;
  if (error.info === 'internalServerError') return true;
  // The person is notified of a rate limit: the turn waits for it.
  if (error.retryAfterMs !== null && error.status === 429) return false;
  return error.status === null || error.status >= 500;
}

async function readSome(body: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    const answer: AsyncIterable<Buffer> = body;
    for await (const piece of answer) {
      pieces.push(piece);
      size += piece.length;
      if (size >= MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status is enough.
  }
  return Buffer.concat(pieces).subarray(0, MAX_ERROR_BYTES).toString();
}
