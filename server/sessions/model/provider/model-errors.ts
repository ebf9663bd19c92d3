/** Maps an endpoint's answer to an error of the protocol: the table of docs/protocol/turns.md §8. */
import { isCodexdError } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import { STATUS_CODES } from 'node:http';
import { osCode } from '../../../errors/os-code.js';
import { isObject } from '../../../system/node/objects.js';
import { howToStart, isLoopback } from './local-servers.js';
import { ModelError } from './model-provider.js';
import { isOverflow } from './overflow.js';
import { refusedIn } from './refused.js';
import { LONGEST_WAIT_MS, waitAskedFor } from './waiting.js';

const OUT_OF_CONTEXT =
  "The conversation no longer fits into the model's context window. Compact it, or go on in a new thread.";
const OVERLOADED = 'The model has no capacity at the moment. Try again later, or choose another model.';
const QUOTA = 'The quota of this account is used up. See the plan and billing pages of your model provider.';
const SERVER_ERROR = 'The model endpoint had an internal error. It may be gone when you try again.';
/** How many characters of an endpoint's text are shown. */
const MAX_WORDS = 2000;
/** How many characters of an HTML page are read, and how many of its text are shown. */
const MAX_PAGE = 64 * 1024;
const MAX_PAGE_WORDS = 300;
/** A repeated request would get the same answer: no key, no permission, no such path or model. */
const FINAL: readonly number[] = [401, 402, 403, 404, 405, 413, 422];
/** The endpoint read the request, and does not take something in it. */
const REFUSALS: readonly number[] = [400, 404, 422];

export interface StatusDetails {
  /** The requested address. */
  readonly url: string;
  readonly requestId?: string | null;
  /** The header Retry-After. */
  readonly retryAfter?: string | null;
  /** The new address in a redirect. */
  readonly location?: string | null;
}

/** An answer other than 2xx; `body` is its text. */
export function statusError(status: number, body: string, details: StatusDetails): ModelError {
  const { url, requestId = null, retryAfter = null, location = null } = details;
  const error = errorObject(body);
  const said = wordsIn(body);
  if (isOverflow(error?.code ?? error?.type, said)) return overflowError(status);
  if (isQuota(error)) return new ModelError(QUOTA, 'usageLimitExceeded', 'never', { status });
  const refused = refusalOf(status, error, said);
  if (status === 400)
    return new ModelError(isReadable(body) && !isPage(body) ? body : said, 'other', 'never', { status, refused });
  const retryAfterMs = waitAskedFor(retryAfter, said);
  if (status === 429) return rateError(error, said, retryAfterMs);
  if (status === 503 && error?.code === 'server_is_overloaded')
    return new ModelError(OVERLOADED, 'serverOverloaded', 'never', { status });
  if (status === 500) {
    const message = said === '' ? SERVER_ERROR : `${SERVER_ERROR} It says: ${said}`;
    return new ModelError(message, 'internalServerError', 'stream', { status, retryAfterMs, refused });
  }
  const by = requestId === null ? '' : `, request id: ${requestId}`;
  const to = location === null ? '' : `, it redirects to ${location}`;
  const message = `unexpected status ${status} ${STATUS_CODES[status] ?? ''}: ${said || 'Unknown error'}, url: ${url}${to}${by}`;
  const info = { httpConnectionFailed: { httpStatusCode: status } };
  const noSuchPath = (status === 404 || status === 405) && refused?.kind !== 'parts' && !aboutModel(said, error?.code);
  const retry = FINAL.includes(status) || status < 400 ? 'never' : 'stream';
  return new ModelError(message, info, retry, { noSuchPath, status, retryAfterMs, refused });
}

/** A server's own fault is no refusal, except that some answer so to images that their model does not take. */
function refusalOf(status: number, error: ErrorObject | null, words: string): ModelError['refused'] {
  if (!REFUSALS.includes(status) && status < 500) return null;
  const refused = refusedIn({ ...error, words });
  return REFUSALS.includes(status) || refused?.kind === 'parts' ? refused : null;
}

/** Too many requests: the turn waits if the endpoint says how long, and if that is not too long. */
function rateError(error: ErrorObject | null, said: string, retryAfterMs: number | null): ModelError {
  const status = 429;
  if (error?.type === 'usage_limit_reached')
    return new ModelError(usageLimit(error.resets_at), 'usageLimitExceeded', 'never', { status });
  const info = { responseTooManyFailedAttempts: { httpStatusCode: status } };
  const message = `exceeded retry limit, last status: ${status} ${STATUS_CODES[status]}`;
  if (retryAfterMs === null) return new ModelError(message, info, 'never', { status });
  if (retryAfterMs <= LONGEST_WAIT_MS) return new ModelError(message, info, 'stream', { status, retryAfterMs });
  const seconds = Math.ceil(retryAfterMs / 1000);
  const words = said === '' ? '' : ` It says: ${said}`;
  return new ModelError(`${message}. The endpoint asks to wait ${seconds} seconds.${words}`, info, 'never', { status });
}

const overflowError = (status: number | null = null): ModelError =>
  new ModelError(OUT_OF_CONTEXT, 'contextWindowExceeded', 'never', { status });

/** A quota is not a rate limit: waiting does not help. */
const isQuota = (error: ErrorObject | null): boolean =>
  error?.code === 'insufficient_quota' || error?.type === 'insufficient_quota';

/** A 404 is about the model or about the path: only its text shows which. */
const aboutModel = (said: string, code: unknown): boolean => code === 'model_not_found' || /\bmodel\b/i.test(said);

/** The error in an answer with status 200 that is not an event stream; null: it is an answer of a model. */
export function errorInAnswer(body: string, url: string): ModelError | null {
  const answer = parsed(body);
  const said = wordsIn(body);
  const isError = answer !== null && (answer.object === 'error' || (answer.error ?? null) !== null);
  if (answer !== null && !isError && isModelAnswer(answer)) return null;
  if (answer === null || (!isError && saidIn(answer) === null)) {
    return new ModelError(
      `the model endpoint answered with something that is not a stream of events: ${said}, url: ${url}`,
      'other',
      'never',
    );
  }
  const error = errorObject(body);
  if (isOverflow(error?.code, said)) return overflowError();
  const noSuchPath = /unexpected endpoint/i.test(said);
  const refused = refusedIn({ ...error, words: said });
  return new ModelError(`the model endpoint reports: ${said}, url: ${url}`, 'other', 'never', { noSuchPath, refused });
}

/** A whole answer or a single event of either protocol. */
const isModelAnswer = ({ object, type, output, choices }: Answer): boolean =>
  typeof object === 'string' || typeof type === 'string' || Array.isArray(output) || Array.isArray(choices);

/** An error inside a stream, in any of the forms that servers use. */
export function errorObjectError(value: unknown): ModelError {
  if (typeof value === 'string') return failedError(null, value);
  const outer = isObject(value) ? value : {};
  const error = isObject(outer.error) ? outer.error : outer;
  const { type: _, ...others } = outer;
  const rest = Object.keys(others).length === 0 ? '' : `: ${JSON.stringify(others).slice(0, MAX_WORDS)}`;
  const coded = error.code ?? error.type;
  return failedError(
    typeof coded === 'string' ? coded : null,
    saidIn(outer) ?? `the endpoint reported an error${rest}`,
  );
}

/** The endpoint accepted the request and reported a failure (`response.failed`). */
export function failedError(code: unknown, message: string): ModelError {
  if (isOverflow(code, message)) return overflowError();
  const refused = refusedIn({ code, words: message });
  switch (code) {
    case 'rate_limit_exceeded':
    case 'slow_down':
      return new ModelError(`rate limit exceeded: ${message}`, 'rateLimitExceeded', 'stream', {
        retryAfterMs: waitAskedFor(null, message),
      });
    case 'insufficient_quota':
    case 'usage_not_included':
      return new ModelError(QUOTA, 'usageLimitExceeded', 'never');
    case 'server_is_overloaded':
      return new ModelError(OVERLOADED, 'serverOverloaded', 'never');
    case 'invalid_prompt':
      return new ModelError(message, 'other', 'never', { refused });
    case 'cyber_policy':
      return new ModelError(message, 'cyberPolicy', 'never');
    case 'bio_policy':
      return new ModelError(message, 'bioPolicy', 'never');
    default:
      return streamError(message, refused);
  }
}

/** `response.incomplete`, by its reason. */
export function incompleteError(reason: string): ModelError {
  const message = `Incomplete response returned, reason: ${reason}`;
  return reason === 'content_filter' ? streamError(message) : new ModelError(message, 'other', 'never');
}

/** The stream ended early. */
export function streamError(why: string, refused: ModelError['refused'] = null): ModelError {
  return new ModelError(`stream disconnected before completion: ${why}`, 'other', 'stream', { broken: true, refused });
}

/** The endpoint could not be reached. `provider`: its id, for the remedy. */
export function unreachableError(url: URL, cause: unknown, provider: string): ModelError {
  const code = isCodexdError(cause) ? undefined : osCode(cause);
  const why = code ?? messageOf(cause);
  const message = `error sending request for url (${url.href}): ${why}`;
  // On this machine a refused connection means that the server does not run: a retry does not help.
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
  readonly param?: unknown;
  readonly resets_at?: unknown;
}

function errorObject(body: string): ErrorObject | null {
  const error = errorIn(body);
  return typeof error === 'object' ? error : null;
}

function errorIn(body: string): unknown {
  return parsed(body)?.error;
}

/**
 * The endpoint's own text for a person, from any of its usual members. For an HTML page, which proxies send, the
 * beginning of its text.
 */
function wordsIn(body: string): string {
  const said = saidIn(parsed(body) ?? {});
  if (said !== null) return said;
  if (!isReadable(body)) return '(binary data)';
  const page = isPage(body) ? textOfPage(body).trim() : '';
  if (page.length > MAX_PAGE_WORDS) return `${page.slice(0, MAX_PAGE_WORDS)}…`;
  return (page || body.trim()).slice(0, MAX_WORDS);
}

/** The reason in an error object; null: it names none. */
function saidIn(answer: Answer): string | null {
  const { error } = answer;
  const inner = isObject(error) ? [error.message, error.detail] : [error];
  const said = [...inner, answer.message, answer.detail].find((place) => typeof place === 'string' && place !== '');
  return typeof said === 'string' ? said.trim().slice(0, MAX_WORDS) : null;
}

const isPage = (text: string): boolean => /<(?:!doctype|html|head|body)\b/i.test(text);

const textOfPage = (page: string): string =>
  page
    .slice(0, MAX_PAGE)
    // A tag ends before the next one begins, so each character is examined once.
    .replace(/<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1>|$)/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ');

/** Control characters are not readable. */
const isReadable = (text: string): boolean => !/[\0-\x08\x0e-\x1f\ufffd]/.test(text);

type Answer = Readonly<Record<string, unknown>>;

/** Null: the text is not a JSON object. Some servers put their error into a list. */
function parsed(body: string): Answer | null {
  try {
    const value: unknown = JSON.parse(body);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return isObject(first) ? first : null;
  } catch {
    return null;
  }
}
