/** What a login, a renewal and a logout ask of the issuer of an account's tokens. */
import { CodexdError } from '../../errors/codexd-error.js';
import { isObject } from '../../system/node/objects.js';
import type { Authorization } from '../mcp/connection/authorization.js';
import type { Fetch } from '../mcp/connection/authorized-fetch.js';
import type { Outbound } from '../model/endpoint/outbound.js';
import type { AccountLogin } from '../model/provider/read-login.js';
import { checkedAddress, type AccountSettings } from './account-settings.js';

/** For all requests of one step, in milliseconds: shorter than others wait for the lock of a renewal. */
export const STEP_MS = 8_000;

/** The scopes that the official program asks for. */
export const SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'api.connectors.read',
  'api.connectors.invoke',
];

/** Requests to the issuer; they share the limits of logins at MCP servers. Throws `account.login`. */
export async function issuerFetch(outbound: Outbound, address: string, gone: AbortSignal): Promise<Fetch> {
  const { oauthHttp } = await import('../mcp/connection/mcp-sdk.js');
  checkedAddress('the address of the issuer', address);
  const signal = (): AbortSignal => AbortSignal.any([gone, AbortSignal.timeout(STEP_MS)]);
  return oauthHttp({ outbound, server: new URL(address), headers: {}, signal }).fetch;
}

/** The issuer has no document that describes it: its paths are those of the vendor's. */
export async function authorizationAt(
  outbound: Outbound,
  { issuer }: AccountSettings,
  gone: AbortSignal,
): Promise<Authorization> {
  const { oauthHttp, authorizationOf } = await import('../mcp/connection/mcp-sdk.js');
  const signal = (): AbortSignal => AbortSignal.any([gone, AbortSignal.timeout(STEP_MS)]);
  const http = oauthHttp({ outbound, server: new URL(issuer), headers: {}, signal });
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  };
  const fetch: Fetch = async (url, init) => withTokenType(await http.fetch(url, init));
  return authorizationOf({ ...http, fetch }, metadata, null, SCOPES);
}

/** The vendor's answers leave `token_type` out, which the standard demands: all its tokens are bearer tokens. */
async function withTokenType(answer: Response): Promise<Response> {
  const text = await answer.text();
  const value = parsed(text);
  const { status, headers } = answer;
  if (!answer.ok || value === null || 'token_type' in value) return new Response(text || null, { status, headers });
  return Response.json({ ...value, token_type: 'Bearer' }, { status });
}

/** What a renewal brought: null: as before. */
export interface Renewed {
  readonly idToken: string | null;
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
}

export type RenewalReason = 'proactive_expiry' | 'unauthorized_recovery' | 'forced';

/** Throws `account.ended` when no later try changes the answer, `account.login` or the connection's error otherwise. */
export async function renewAt(
  outbound: Outbound,
  settings: AccountSettings,
  login: AccountLogin,
  reason: RenewalReason,
): Promise<Renewed> {
  const url = settings.refreshUrl ?? `${login.issuer ?? settings.issuer}/oauth/token`;
  const fetch = await issuerFetch(outbound, url, new AbortController().signal);
  const answer = await postJson(fetch, url, {
    client_id: login.clientId ?? settings.clientId,
    grant_type: 'refresh_token',
    refresh_reason: reason,
    refresh_token: login.refreshToken,
  });
  const text = (key: string): string | null => {
    const value = answer.body[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  if (answer.status === 200 && text('access_token') !== null)
    return { idToken: text('id_token'), accessToken: text('access_token'), refreshToken: text('refresh_token') };
  const why = errorCode(answer.body);
  if (answer.status === 401 || (answer.status === 400 && GONE.has(why)))
    throw new CodexdError('account.ended', `the login has ended (${why || `HTTP ${answer.status}`})`);
  throw new CodexdError('account.login', `the issuer answered the renewal with HTTP ${answer.status} ${why}`.trim());
}

const GONE: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/** Takes the login back at its issuer. Throws what `renewAt` throws. */
export async function revokeAt(outbound: Outbound, settings: AccountSettings, login: AccountLogin): Promise<void> {
  const url = settings.revokeUrl ?? `${login.issuer ?? settings.issuer}/oauth/revoke`;
  const fetch = await issuerFetch(outbound, url, new AbortController().signal);
  const isRefresh = login.refreshToken !== '';
  const { status } = await postJson(fetch, url, {
    token: isRefresh ? login.refreshToken : login.accessToken,
    token_type_hint: isRefresh ? 'refresh_token' : 'access_token',
    client_id: login.clientId ?? settings.clientId,
  });
  if (status >= 300) throw new CodexdError('account.login', `the issuer answered the logout with HTTP ${status}`);
}

/** An answer that is no JSON object counts as an empty one: it may be a page, and is not quoted. */
export async function postJson(
  fetch: Fetch,
  url: string,
  body: object,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: parsed(await answer.text()) ?? {} };
}

/** Null: it is no JSON object. */
function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The code of an error: `{error: CODE}` or `{error: {code: CODE}}`. Codes hold no secret; other words may. */
function errorCode({ error }: Readonly<Record<string, unknown>>): string {
  const code = isObject(error) ? error.code : error;
  return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : '';
}
