/** What an issuer gave becomes the login of the home. */
import { randomBytes } from 'node:crypto';
import { CodexdError } from '../../errors/codexd-error.js';
import type { Grant } from '../mcp/connection/authorization.js';
import type { AccountLogin } from '../model/provider/read-login.js';
import type { AccountSettings } from './account-settings.js';
import { storeAccount, whileRenewing } from './auth-file.js';
import { claimsOf } from './claims.js';

/** A login that waits for a person. */
export interface PendingLogin {
  /** Resolves when the tokens are stored. Rejects with `account.login`, or with the reason of the login's signal. */
  readonly done: Promise<void>;
}

/** Of the name of a login, in bytes. */
const OWNER_BYTES = 32;

/** Stores it. Throws `account.login` for a grant without an account, or of a workspace that is not allowed. */
export async function storeGrant(codexHome: string, settings: AccountSettings, grant: Grant): Promise<void> {
  const { issuer, clientId } = settings;
  const { idToken, accessToken, refreshToken } = grant;
  const claims = idToken === null ? null : claimsOf(idToken);
  if (idToken === null || claims === null)
    throw new CodexdError('account.login', 'the issuer gave no ID token, so it is not known who signed in');
  const accountId = claims.accountId ?? claimsOf(accessToken)?.accountId ?? null;
  checkWorkspace(settings, accountId);
  const login: AccountLogin = {
    idToken,
    accessToken,
    refreshToken: refreshToken ?? '',
    accountId,
    issuer,
    clientId,
    ownerId: randomBytes(OWNER_BYTES).toString('base64url'),
    lastRefresh: Date.now(),
  };
  // Not while another holder renews: it would replace these tokens by those of the login before.
  await whileRenewing(codexHome, () => storeAccount(codexHome, login));
}

/** Throws `account.login`. */
export function checkWorkspace({ workspaces }: AccountSettings, accountId: string | null): void {
  if (workspaces === null || (accountId !== null && workspaces.includes(accountId))) return;
  const list = workspaces.map((id) => `\`${id}\``).join(', ');
  throw new CodexdError(
    'account.login',
    `the login is for ${accountId === null ? 'no workspace' : `the workspace \`${accountId}\``}, and the configuration allows ${list === '' ? 'none' : `${list} only`}`,
  );
}
