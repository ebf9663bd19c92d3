/** The account of one Codex home: its login, its tokens for requests, and the services that know it. */
import type { RateLimitSnapshot } from '../../../schema/protocol/services/account-usage.js';
import type { ModelRequirements } from '../../config/requirements/model-requirements.js';
import { describe } from '../../errors/describe.js';
import type { Logger } from '../../log/log.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { createOutbound, type Outbound } from '../model/endpoint/outbound.js';
import type { AccountAccess, AccountGrant } from '../model/provider/credentials.js';
import { mayAsk } from '../model/provider/application-network.js';
import { readLogin, type AccountLogin } from '../model/provider/read-login.js';
import { removeLogin } from './auth-file.js';
import { createBackend, type Backend } from './backend.js';
import { createExternalTokens, type ExternalTokens } from './external-tokens.js';
import { createStoredTokens, type StoredTokens } from './account-tokens.js';
import type { AccountSettings } from './account-settings.js';
import { revokeAt } from './issuer.js';
import { createLogins, type Logins } from './logins.js';
import { checkWorkspace } from './new-login.js';
import { limitsIn } from './rate-limits.js';

export interface AccountOptions {
  readonly codexHome: string;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** What the configuration says now. Throws `account.login` for values that cannot be used. */
  readonly settings: () => AccountSettings;
  readonly modelRequirements: () => ModelRequirements;
  /** What an endpoint's answer says about limits. */
  readonly onLimits: (limits: RateLimitSnapshot) => void;
  readonly userAgent: string;
  readonly log: Logger;
}

export interface Account {
  readonly access: AccountAccess;
  readonly external: ExternalTokens;
  readonly stored: StoredTokens;
  readonly backend: Backend;
  readonly logins: Logins;
  readonly settings: () => AccountSettings;
  readonly outbound: () => Outbound;
  /**
   * Removes the login, whatever it is, and takes tokens back at their issuer. Whether there was one. Throws the file
   * system's error. An issuer that cannot be reached is logged: the login is gone here all the same.
   */
  logout(): Promise<boolean>;
  /** Ends logins that wait, and waits for renewals. Never rejects. */
  close(): Promise<void>;
}

/** Reads nothing yet. */
export function createAccount(options: AccountOptions): Account {
  const { codexHome, env, settings, log, onLimits, userAgent } = options;
  let made: Outbound | null = null;
  const outbound = (): Outbound => (made ??= allowedOnly(createOutbound(env), options));
  const stored = createStoredTokens({ codexHome, outbound, settings, log });
  const external = createExternalTokens((accountId) => checkWorkspace(settings(), accountId));
  /** Throws `account.login` for a workspace that is not allowed (any more). */
  const grantOf = (login: AccountLogin | null): AccountGrant | null => {
    if (login === null) return null;
    const { accessToken, accountId } = login;
    checkWorkspace(settings(), accountId);
    return { accessToken, accountId };
  };
  const access: AccountAccess = {
    hasExternalTokens: () => external.login() !== null,
    current: async (signal) => external.login() ?? grantOf(await stored.current(signal)),
    async after({ accessToken }, signal) {
      if (external.login() !== null) return external.after(accessToken, signal);
      return grantOf(await stored.after(accessToken, signal));
    },
    answered(headers) {
      for (const limits of limitsIn(headers)) onLimits(limits);
    },
  };
  const logins = createLogins();
  return {
    access,
    external,
    stored,
    backend: createBackend({ outbound, access, base: () => settings().backend, userAgent }),
    logins,
    settings,
    outbound,
    async logout() {
      await logins.close();
      const wasExternal = external.clear();
      const login = readLogin(codexHome);
      const removed = await removeLogin(codexHome);
      if (login.kind === 'account') {
        try {
          await revokeAt(outbound(), settings(), login.account);
        } catch (error) {
          log.warn(...describe('the login is removed, and its tokens could not be taken back at their issuer', error));
        }
      }
      return removed || wasExternal;
    },
    async close() {
      await logins.close();
      await stored.settled();
    },
  };
}

/** The requirements of the administrator hold for these requests, too. */
function allowedOnly(outbound: Outbound, { modelRequirements }: AccountOptions): Outbound {
  return {
    async send(request) {
      const { applicationNetwork, source } = modelRequirements();
      if (mayAsk(request.url, applicationNetwork)) return outbound.send(request);
      throw new CodexdError(
        'account.login',
        `destination denied by application network policy: ${request.url.host} (set by ${source})`,
      );
    },
  };
}
