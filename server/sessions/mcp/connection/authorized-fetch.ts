/** Requests with the access token of a login. */
import { CodexdError } from '../../../errors/codexd-error.js';
import type { AccessTokens } from '../shape/connection.js';

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** HTTP 401. */
export class Unauthorized extends CodexdError {
  override readonly name = 'Unauthorized';
  /** The header `www-authenticate`; null: there was none. */
  readonly challenge: string | null;
  constructor(challenge: string | null) {
    super('mcp.login', 'the server wants a login (HTTP 401)');
    this.challenge = challenge;
  }
}

/**
 * A request that is refused for its token (HTTP 401) is sent once more with another token, if there is one: the server
 * has not done what it asked for. What stays refused rejects with Unauthorized.
 */
export function authorizedFetch(fetch: Fetch, tokens: AccessTokens | null): Fetch {
  return async (url, init = {}) => {
    const signal = init.signal ?? new AbortController().signal;
    const token = tokens === null ? null : await tokens.current(signal);
    const answer = await fetch(url, withToken(init, token));
    if (answer.status !== 401) return answer;
    await answer.body?.cancel();
    const next = tokens === null || token === null ? null : await tokens.after(token, signal);
    if (next === null) throw unauthorized(answer);
    const second = await fetch(url, withToken(init, next));
    if (second.status !== 401) return second;
    await second.body?.cancel();
    throw unauthorized(second);
  };
}

const unauthorized = ({ headers }: Response): Unauthorized => new Unauthorized(headers.get('www-authenticate'));

function withToken(init: RequestInit, token: string | null): RequestInit {
  if (token === null) return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}
