/** Which error of the protocol an endpoint's answer is: the table of spec/turns.md §8. */
import { STATUS_CODES } from 'node:http';
import { ModelError } from './model-provider.js';

const OUT_OF_CONTEXT =
  "The conversation no longer fits into the model's context window. Compact it, or go on in a new thread.";
const OVERLOADED = 'The model has no capacity at the moment. Try again later, or choose another model.';
const QUOTA = 'The quota of this account is used up. See the plan and billing pages of your model provider.';
const SERVER_ERROR = 'The model endpoint had an internal error. It may be gone when you try again.';

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
  if (status === 500) return new ModelError(SERVER_ERROR, 'internalServerError', 'stream');
  const said = typeof error?.message === 'string' ? error.message : body;
  const by = requestId === null ? '' : `, request id: ${requestId}`;
  const message = `unexpected status ${status} ${STATUS_CODES[status] ?? ''}: ${said}, url: ${url}${by}`;
  return new ModelError(message, { httpConnectionFailed: { httpStatusCode: status } }, 'stream');
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

/** The endpoint could not be reached at all. */
export function unreachableError(url: string, cause: unknown): ModelError {
  const why = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
  return streamError(`error sending request for url (${url}): ${why}`);
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
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === 'object' ? (error as ErrorObject | null) : null;
  } catch {
    return null; // Proxies answer in HTML.
  }
}
