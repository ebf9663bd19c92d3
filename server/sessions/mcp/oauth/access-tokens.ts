/**
 * The access tokens of stored logins, renewed before they expire and when a server refuses them.
 *
 * Threat: many authorization servers give out a refresh token once, and take the whole login back when it is used
 * twice. Two threads, two daemons or the official program at the same time would log the person out.
 *
 * Rule: one holder of the home's lock renews at a time (credentials-file.ts). It reads the file after it has the lock,
 * and asks only if nobody else has renewed meanwhile. The new tokens are on disk before they are used. Nobody who gives
 * up waiting ends a renewal; it has a time limit, which is shorter than the time that others wait for the lock.
 *
 * Scope: a login that is stored. Non-scope: a daemon that is killed between the answer and the write: the
 * authorization server decides whether the old token still counts.
 */
import { CodexdError } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import type { Logger } from '../../../log/log.js';
import { untilAborted } from '../../../system/node/until-aborted.js';
import type { Outbound } from '../../model/endpoint/outbound.js';
import type { Authorization } from '../connection/authorization.js';
import type { AccessTokens } from '../shape/connection.js';
import type { LoginSettings } from '../shape/server-config.js';
import {
  changeStoredLogin,
  credentialsKey,
  readStoredLogin,
  whileRefreshing,
  type ServerId,
  type StoredLogin,
} from './credentials-file.js';
import { storedLogin } from './login.js';

export interface RenewerOptions {
  readonly codexHome: string;
  readonly outbound: () => Outbound;
  readonly log: Logger;
}

/** A server with a login. */
export interface LoginServer extends ServerId {
  readonly login: LoginSettings;
  /** The configured headers. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Renewer {
  tokensOf(server: LoginServer): AccessTokens;
  /** Whether the server has refused this access token, and nobody could renew it. */
  isRefused(server: ServerId, accessToken: string): boolean;
  /** Resolves when no renewal is under way. Never rejects. */
  settled(): Promise<void>;
}

/** How long before its end a token is renewed, in milliseconds; as the official program does. */
const EARLY_MS = 30_000;
/** For all requests of a renewal, in milliseconds. */
const RENEWAL_MS = 8_000;

/** Whether the login may be used as it is, or after a renewal. */
export const isUsable = ({ clientId, expiresAt, refreshToken }: StoredLogin): boolean =>
  clientId !== '' && (refreshToken !== null || !isEnding(expiresAt));

const isEnding = (expiresAt: number | null): boolean => expiresAt !== null && expiresAt - Date.now() <= EARLY_MS;

export function createRenewer(options: RenewerOptions): Renewer {
  const { codexHome, log } = options;
  /** By server: all threads of the daemon wait for the same one. */
  const renewals = new Map<string, Promise<StoredLogin | null>>();

  /** By server, the last access token for which a person had to log in. */
  const refusals = new Map<string, string>();

  function renewed(server: LoginServer, isNeeded: (login: StoredLogin) => boolean): Promise<StoredLogin | null> {
    const key = credentialsKey(server);
    const running = renewals.get(key);
    if (running !== undefined) return running;
    const renewal = whileRefreshing(codexHome, server, () => renew(options, server, isNeeded)).finally(() =>
      renewals.delete(key),
    );
    renewals.set(key, renewal);
    return renewal;
  }

  const tokensOf = (server: LoginServer): AccessTokens => ({
    async current(signal) {
      const login = readStoredLogin(codexHome, server);
      if (login === null) return null;
      if (!isEnding(login.expiresAt) || login.refreshToken === null) return login.accessToken;
      try {
        const now = await untilAborted(
          renewed(server, ({ expiresAt }) => isEnding(expiresAt)),
          signal,
        );
        return now?.accessToken ?? null;
      } catch (error) {
        signal.throwIfAborted();
        const problem = `the access token of MCP server ${server.name} could not be renewed: ${messageOf(error)}`;
        // It may still count for some seconds.
        if (login.expiresAt === null || login.expiresAt > Date.now()) {
          log.warn(problem);
          return login.accessToken;
        }
        throw new CodexdError('mcp.login', problem, { cause: error });
      }
    },
    async after(refused, signal) {
      const login = readStoredLogin(codexHome, server);
      const isSame = ({ accessToken }: StoredLogin): boolean => accessToken === refused;
      const mayRenew = login !== null && isSame(login) && login.refreshToken !== null;
      const now = mayRenew ? await untilAborted(renewed(server, isSame), signal) : login;
      if (now !== null && !isSame(now)) return now.accessToken;
      refusals.set(credentialsKey(server), refused);
      return null;
    },
  });

  return {
    tokensOf,
    isRefused: (server, accessToken) => refusals.get(credentialsKey(server)) === accessToken,
    async settled() {
      await Promise.allSettled(renewals.values());
    },
  };
}

/** Holds the lock. The stored login afterwards, the same one if it cannot be renewed; null: there is none any more. */
async function renew(
  options: RenewerOptions,
  server: LoginServer,
  isNeeded: (login: StoredLogin) => boolean,
): Promise<StoredLogin | null> {
  const { codexHome, log } = options;
  const login = readStoredLogin(codexHome, server);
  if (login === null || login.refreshToken === null || !isNeeded(login)) return login;
  const over = (why: string): void =>
    log.warn(`the login at MCP server ${server.name} has ended: ${why}. Log in again: codexd mcp login ${server.name}`);
  const authorization = login.issuer === null ? null : await authorizationOf(options, server);
  // A refresh token goes to the server that gave it, and to no other.
  if (authorization === null || authorization.issuer !== login.issuer) {
    over('the authorization server is not the one of the login');
    return login;
  }
  const { login: settings } = server;
  const secret = settings.clientId === login.clientId ? settings.clientSecret : null;
  const grant = await authorization.refresh({ id: login.clientId, secret }, login.refreshToken, login.scopes);
  if (grant === null) {
    over('the authorization server has taken it back');
    const ended = { ...login, refreshToken: null };
    await changeStoredLogin(codexHome, server, ended);
    return ended;
  }
  const next = storedLogin(server, login.issuer, login.clientId, grant, login.scopes);
  // An answer without a refresh token leaves the one before in force.
  const kept = { ...next, refreshToken: next.refreshToken ?? login.refreshToken };
  await changeStoredLogin(codexHome, server, kept);
  return kept;
}

async function authorizationOf({ outbound }: RenewerOptions, server: LoginServer): Promise<Authorization | null> {
  const { findAuthorization } = await import('../connection/mcp-sdk.js');
  const limit = AbortSignal.timeout(RENEWAL_MS);
  const { url, headers } = server;
  return findAuthorization({ outbound: outbound(), server: new URL(url), headers, signal: () => limit });
}
