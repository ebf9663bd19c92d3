/**
 * The tokens of the stored account, renewed before they end and when an endpoint refuses them.
 *
 * Threat: the issuer gives out a refresh token once, and takes the whole login back when it is used twice. Two threads,
 * two daemons or the official program at the same time would log the person out.
 *
 * Rule: one holder of the home's lock renews at a time (auth-file.ts). It reads the file after it has the lock, and
 * asks only if nobody else has renewed meanwhile. The new tokens are on disk before they are used. A login that came
 * meanwhile stays. Nobody who gives up waiting ends a renewal; it has a time limit, which is shorter than the time that
 * others wait for the lock. No token is logged.
 *
 * Scope: the login in auth.json. Non-scope: a daemon that is killed between the answer and the write: the issuer
 * decides whether the old token still counts.
 */
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import type { Logger } from '../../log/log.js';
import { untilAborted } from '../../system/node/until-aborted.js';
import type { Outbound } from '../model/endpoint/outbound.js';
import { readLogin, type AccountLogin } from '../model/provider/read-login.js';
import type { AccountSettings } from './account-settings.js';
import { replaceTokens, whileRenewing } from './auth-file.js';
import { claimsOf } from './claims.js';
import { renewAt, type RenewalReason } from './issuer.js';

export interface TokensOptions {
  readonly codexHome: string;
  readonly outbound: () => Outbound;
  /** Throws `account.login`. */
  readonly settings: () => AccountSettings;
  readonly log: Logger;
}

export interface StoredTokens {
  /** The login with tokens that can be used; null: there is none. Throws `account.ended`. */
  current(signal: AbortSignal): Promise<AccountLogin | null>;
  /** Null: nothing better than the refused access token. Throws `account.ended`, `account.login`. */
  after(refused: string, signal: AbortSignal): Promise<AccountLogin | null>;
  /** Renews in any case. Null: there is no such login. Throws as `after`. */
  renewNow(signal: AbortSignal): Promise<AccountLogin | null>;
  /** Whether the issuer has taken the stored login back. */
  hasEnded(login: AccountLogin): boolean;
  /** Resolves when no renewal is under way. Never rejects. */
  settled(): Promise<void>;
}

/** How long before its end a token is renewed, in milliseconds. */
const EARLY_MS = 60_000;
/** A token that does not say when it ends is renewed after this time, in milliseconds; as the official program does. */
const UNDATED_MS = 8 * 24 * 3_600_000;

export function createStoredTokens({ codexHome, outbound, settings, log }: TokensOptions): StoredTokens {
  /** All threads of the daemon wait for the same one. */
  let renewal: Promise<AccountLogin | null> | null = null;
  /** The last refresh token that the issuer refused for good. */
  let dead: string | null = null;

  const stored = (): AccountLogin | null => {
    const login = readLogin(codexHome);
    return login.kind === 'account' ? login.account : null;
  };
  const hasEnded = ({ refreshToken }: AccountLogin): boolean => refreshToken !== '' && refreshToken === dead;

  /** Holds the lock. */
  async function renew(reason: RenewalReason, isNeeded: (login: AccountLogin) => boolean) {
    const login = stored();
    if (login === null || login.refreshToken === '' || !isNeeded(login)) return login;
    if (hasEnded(login)) throw ended();
    try {
      const { idToken, accessToken, refreshToken } = await renewAt(outbound(), settings(), login, reason);
      const next: AccountLogin = {
        ...login,
        idToken: idToken ?? login.idToken,
        accessToken: accessToken ?? login.accessToken,
        // An answer without a refresh token leaves the one before in force.
        refreshToken: refreshToken ?? login.refreshToken,
        lastRefresh: Date.now(),
      };
      return (await replaceTokens(codexHome, login, next)) ? next : stored();
    } catch (error) {
      if (!isCode(error, 'account.ended')) throw error;
      dead = login.refreshToken;
      log.warn(`${messageOf(error)}. Log in again: codexd login`);
      throw ended(error);
    }
  }

  function renewed(reason: RenewalReason, isNeeded: (login: AccountLogin) => boolean, signal: AbortSignal) {
    if (renewal === null) {
      const begun = whileRenewing(codexHome, () => renew(reason, isNeeded)).finally(() => (renewal = null));
      // All callers may have given up.
      begun.catch(() => undefined);
      renewal = begun;
    }
    return untilAborted(renewal, signal);
  }

  return {
    hasEnded,
    async current(signal) {
      const login = stored();
      if (login === null || !isEnding(login) || login.refreshToken === '') return login;
      try {
        return await renewed('proactive_expiry', isEnding, signal);
      } catch (error) {
        signal.throwIfAborted();
        const end = claimsOf(login.accessToken)?.expiresAt ?? null;
        if (isCode(error, 'account.ended') || (end !== null && end <= Date.now())) throw error;
        log.warn(`the access token of the account could not be renewed: ${messageOf(error)}`);
        return login; // It may still count for a while.
      }
    },
    async after(refused, signal) {
      const isSame = ({ accessToken }: AccountLogin): boolean => accessToken === refused;
      const login = stored();
      const now =
        login !== null && isSame(login) && login.refreshToken !== ''
          ? await renewed('unauthorized_recovery', isSame, signal)
          : login;
      return now === null || isSame(now) ? null : now;
    },
    async renewNow(signal) {
      const before = stored();
      if (before === null || before.refreshToken === '') return before;
      return renewed('forced', ({ accessToken }) => accessToken === before.accessToken, signal);
    },
    async settled() {
      await renewal?.catch(() => undefined);
    },
  };
}

function isEnding({ accessToken, lastRefresh }: AccountLogin): boolean {
  const end = claimsOf(accessToken)?.expiresAt ?? null;
  return end === null ? lastRefresh !== null && Date.now() - lastRefresh > UNDATED_MS : end - Date.now() <= EARLY_MS;
}

const ended = (cause?: unknown): CodexdError =>
  new CodexdError('account.ended', 'The login with the account has ended. Sign in again: codexd login', { cause });
