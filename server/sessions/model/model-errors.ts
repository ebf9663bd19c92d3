/** Which error of the protocol an endpoint's answer is: the table of docs/protocol/turns.md §8. */
import { STATUS_CODES } from 'node:http';
import { howToStart, isLoopback } from './local-servers.js';
import { ModelError } from './model-provider.js';

const OUT_OF_CONTEXT =
  "The conversation no longer fits into the model's context window. Compact it, or go on in a new thread.";
const OVERLOADED = 'The model has no capacity at the moment. Try again later, or choose another model.';
const QUOTA = 'The quota of this account is used up. See the plan and billing pages of your model provider.';
const SERVER_ERROR = 'The model endpoint had an internal error. It may be gone when you try again.';
/** In characters: of what an endpoint says, this much is shown. */
const MAX_WORDS = 2000;
/** Asked again, the answer would be the same: no key, no right, no such path or model. */
const FINAL: readonly number[] = [401, 403, 404, 405];

/** An answer other than 2xx. `url` is the one that was asked; `body` is the answer's text. */
export function statusError(status: number, body: string, url: string, requestId: string | null): ModelError {
  const error = errorObject(body);
  if (error?.code === 'context_length_exceeded')
    return new ModelError(OUT_OF_CONTEXT, 'contextWindowExceeded', 'never');
  if (status === 400) return new ModelError(body, 'other', 'never');
  if (status === 429) {
    if (error?.type === 'usage_limit_reached')
      return new ModelError(usageLimit(error.resets_at), 'usageLimitExceeded', 'never');
    const info = { responseTooManyFailedAttempts: { httpStatusCode: status } };
    return new ModelError(`exceeded retry limit, last status: ${status} ${STATUS_CODES[status]}`, info, 'never');
  }
  if (status === 503 && error?.code === 'server_is_overloaded')
    return new ModelError(OVERLOADED, 'serverOverloaded', 'never');
  const said = wordsIn(body);
  if (status === 500) {
    return new ModelError(
      said === '' ? SERVER_ERROR : `${SERVER_ERROR} It says: ${said}`,
      'internalServerError',
      'stream',
    );
  }
  const by = requestId === null ? '' : `, request id: ${requestId}`;
  const message = `unexpected status ${status} ${STATUS_CODES[status] ?? ''}: ${said}, url: ${url}${by}`;
  const info = { httpConnectionFailed: { httpStatusCode: status } };
  const noSuchPath = (status === 404 || status === 405) && !aboutModel(said, error?.code);
  return new ModelError(message, info, FINAL.includes(status) ? 'never' : 'stream', noSuchPath);
}

/** A 404 is about the model, or about the path: only the words tell. */
const aboutModel = (said: string, code: unknown): boolean => code === 'model_not_found' || /\bmodel\b/i.test(said);

/** Of an answer with status 200 that holds no event: the error in it; null when there is none. */
export function errorInAnswer(body: string, url: string): ModelError | null {
  const error = errorIn(body);
  if (error === undefined || error === null) return null;
  const said = wordsIn(body);
  const noSuchPath = /unexpected endpoint/i.test(said);
  return new ModelError(`the model endpoint reports: ${said}, url: ${url}`, 'other', 'never', noSuchPath);
}

/** The endpoint took the request and said that it failed (`response.failed`). */
export function failedError(code: unknown, message: string): ModelError {
  switch (code) {
    case 'context_length_exceeded':
      return new ModelError(OUT_OF_CONTEXT, 'contextWindowExceeded', 'never');
    case 'rate_limit_exceeded':
    case 'slow_down':
      return new ModelError(`rate limit exceeded: ${message}`, 'rateLimitExceeded', 'stream');
    case 'insufficient_quota':
    case 'usage_not_included':
      return new ModelError(QUOTA, 'usageLimitExceeded', 'never');
    case 'server_is_overloaded':
      return new ModelError(OVERLOADED, 'serverOverloaded', 'never');
    case 'invalid_prompt':
      return new ModelError(message, 'other', 'never');
    case 'cyber_policy':
      return new ModelError(message, 'cyberPolicy', 'never');
    default:
      return streamError(message);
  }
}

/** `response.incomplete`, by its reason. */
export function incompleteError(reason: string): ModelError {
  const message = `Incomplete response returned, reason: ${reason}`;
  return reason === 'content_filter' ? streamError(message) : new ModelError(message, 'other', 'never');
}

/** The stream broke off. */
export function streamError(why: string): ModelError {
  return new ModelError(`stream disconnected before completion: ${why}`, 'other', 'stream');
}

/** The endpoint could not be reached at all. `provider`: its id, for the remedy. */
export function unreachableError(url: URL, cause: unknown, provider: string): ModelError {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  const why = cause instanceof Error ? (code ?? cause.message) : String(cause);
  const message = `error sending request for url (${url.href}): ${why}`;
  // On this machine a refused connection means that the server does not run: no repetition starts it.
  if (code === 'ECONNREFUSED' && isLoopback(url.hostname)) {
    return new ModelError(`${message}. Nothing listens at ${url.host}. ${howToStart(provider)}`, 'other', 'never');
  }
  return streamError(message);
}

function usageLimit(resetsAt: unknown): string {
  const when = typeof resetsAt === 'number' ? ` It resets at ${new Date(resetsAt * 1000).toISOString()}.` : '';
  return `The usage limit of this account is reached.${when}`;
}

interface ErrorObject {
  readonly code?: unknown;
  readonly type?: unknown;
  readonly message?: unknown;
  readonly resets_at?: unknown;
}

function errorObject(body: string): ErrorObject | null {
  const error = errorIn(body);
  return typeof error === 'object' ? error : null;
}

function errorIn(body: string): unknown {
  return parsed(body)?.error;
}

/** The endpoint's own words, wherever it puts them; the body as it is when it is no JSON (proxies answer in HTML). */
function wordsIn(body: string): string {
  const answer = parsed(body);
  const error = answer?.error;
  const places = [(error as ErrorObject | null | undefined)?.message, error, answer?.message, answer?.detail];
  const said = places.find((place) => typeof place === 'string') ?? body;
  return String(said).trim().slice(0, MAX_WORDS);
}

/** Null: it is no JSON object. */
function parsed(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' ? (value as Readonly<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}
