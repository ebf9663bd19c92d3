/** One login at an MCP server, from the question where to log in to the stored tokens. */
import { createHash, randomBytes } from 'node:crypto';
import { CodexdError } from '../../../errors/codexd-error.js';
import { untilAborted } from '../../../system/node/until-aborted.js';
import type { Outbound } from '../../model/endpoint/outbound.js';
import type { Authorization, Grant, OauthClient } from '../connection/authorization.js';
import type { LoginSettings } from '../shape/server-config.js';
import { listenForCallback, type CallbackListener } from './callback-listener.js';
import {
  changeStoredLogin,
  readStoredLogin,
  whileRefreshing,
  type ServerId,
  type StoredLogin,
} from './credentials-file.js';
import { checkStore, type OauthSettings } from './oauth-settings.js';
import { LONGEST_TIMER_MS } from '../../../system/node/timers.js';

export interface LoginOptions {
  readonly codexHome: string;
  readonly outbound: Outbound;
  readonly server: ServerId;
  readonly settings: OauthSettings;
  readonly login: LoginSettings;
  /** The configured headers of the server. */
  readonly headers: Readonly<Record<string, string>>;
  /** Those to ask for; null: those of the configuration, or those that the server names. */
  readonly scopes: readonly string[] | null;
  /** For the person, in milliseconds. */
  readonly timeoutMs: number;
  /** Its abort ends the login; its reason is the reason. */
  readonly gone: AbortSignal;
}

export interface StartedLogin {
  /** For the person's browser. */
  readonly authorizationUrl: string;
  /** As `CallbackListener.take`. */
  take(url: URL): boolean;
  /** Resolves when the tokens are stored. Rejects with `mcp.login`, or with the reason of `gone`. */
  readonly done: Promise<void>;
}

/** For all requests before the person is asked, and for those after it, in milliseconds. */
const REQUESTS_MS = 30_000;

/** Throws `mcp.login`, the connection's error, or the reason of `gone`. */
export async function startLogin(options: LoginOptions): Promise<StartedLogin> {
  const { codexHome, server, settings, login, gone } = options;
  checkStore(settings);
  // A file that cannot be used is better known before the person is asked.
  readStoredLogin(codexHome, server);
  const port = callbackPort(login, settings);
  const time = requestTime(gone);
  const authorization = await authorizationFor(options, time);
  const scopes = scopesFor(options, authorization);
  const state = randomBytes(STATE_BYTES).toString('base64url');
  const id = createHash('sha256').update(server.url).digest('base64url').slice(0, CALLBACK_ID);
  const base = settings.callbackUrl ?? new URL('http://127.0.0.1/callback');
  const path = `${base.pathname.replace(/\/+$/, '')}/${id}`;
  const listener = await listenForCallback({ port, path, state });
  try {
    const redirect = new URL(base);
    redirect.pathname = path;
    if (settings.callbackUrl === null) redirect.port = String(listener.port);
    const redirectUrl = redirect.href;
    const client =
      login.clientId === null
        ? await authorization.register({ redirectUrl, scopes })
        : { id: login.clientId, secret: login.clientSecret };
    const also = login.resource;
    const { url, verifier } = await authorization.request({ client, redirectUrl, scopes, state, also });
    gone.throwIfAborted();
    const rest = { authorization, time, listener, client, redirectUrl, verifier, scopes };
    return { authorizationUrl: url.href, take: (answer) => listener.take(answer), done: finish(options, rest) };
  } catch (error) {
    await listener.close();
    throw error;
  }
}

const STATE_BYTES = 24;
/** Of the part of the path that names the server, in characters. */
const CALLBACK_ID = 12;

/** The time of the requests; that of the person between them does not count. */
interface RequestTime {
  signal(): AbortSignal;
  begin(): void;
}

function requestTime(gone: AbortSignal): RequestTime {
  const limit = (): AbortSignal => AbortSignal.any([gone, AbortSignal.timeout(REQUESTS_MS)]);
  let current = limit();
  return { signal: () => current, begin: () => void (current = limit()) };
}

/** Throws `mcp.login` when the server names none. */
async function authorizationFor(
  { outbound, server, headers }: LoginOptions,
  { signal }: RequestTime,
): Promise<Authorization> {
  const { findAuthorization } = await import('../connection/mcp-sdk.js');
  const found = await findAuthorization({ outbound, server: new URL(server.url), headers, signal });
  if (found !== null) return found;
  throw new CodexdError('mcp.login', 'No authorization support detected');
}

function scopesFor({ scopes, login }: LoginOptions, authorization: Authorization): readonly string[] {
  const given = [scopes ?? [], login.scopes].map(words).find((list) => list.length > 0);
  return given ?? authorization.scopes;
}

/** A space separates scopes wherever they are written. */
const words = (list: readonly string[]): readonly string[] =>
  list.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '');

/** Null: a free one. Throws `mcp.login`. */
function callbackPort({ callbackPort: own }: LoginSettings, { callbackPort: all, callbackUrl }: OauthSettings) {
  const port = own ?? all;
  if (port === 0)
    throw new CodexdError('mcp.login', `invalid MCP OAuth callback port \`${port}\`: port must be between 1 and 65535`);
  if (port !== null || callbackUrl === null) return port;
  // An address of this machine with a port says where the browser comes.
  const here = ['localhost', '127.0.0.1'].includes(callbackUrl.hostname) && callbackUrl.port !== '';
  return here ? Number(callbackUrl.port) : null;
}

interface Rest {
  readonly authorization: Authorization;
  readonly time: RequestTime;
  readonly listener: CallbackListener;
  readonly client: OauthClient;
  readonly redirectUrl: string;
  readonly verifier: string;
  readonly scopes: readonly string[];
}

async function finish({ gone, timeoutMs, codexHome, server }: LoginOptions, rest: Rest): Promise<void> {
  const { authorization, time, listener, client, redirectUrl, verifier, scopes } = rest;
  try {
    const answer = await within(listener.answer, timeoutMs, gone);
    if (!answer.ok) throw new CodexdError('mcp.login', answer.reason);
    const { code, issuer } = answer;
    time.begin();
    const grant = await authorization.exchange({ client, redirectUrl, code, verifier, issuer });
    const login = storedLogin(server, authorization.issuer, client.id, grant, scopes);
    // Not while another holder refreshes: it would replace these tokens by those of the login before.
    await whileRefreshing(codexHome, server, () => changeStoredLogin(codexHome, server, login));
  } finally {
    await listener.close();
  }
}

export function storedLogin(
  { name, url }: ServerId,
  issuer: string,
  clientId: string,
  { accessToken, refreshToken, expiresIn, scopes }: Grant,
  asked: readonly string[],
): StoredLogin {
  return {
    serverName: name,
    serverUrl: url,
    issuer,
    clientId,
    accessToken,
    expiresAt: expiresIn === null ? null : Date.now() + expiresIn * 1000,
    refreshToken,
    scopes: scopes ?? asked,
  };
}

async function within<T>(work: Promise<T>, ms: number, gone: AbortSignal): Promise<T> {
  const late = AbortSignal.timeout(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
  try {
    return await untilAborted(work, AbortSignal.any([gone, late]));
  } catch (error) {
    if (late.aborted && !gone.aborted) throw new CodexdError('mcp.login', 'timed out waiting for OAuth callback');
    throw error;
  }
}
