/** Who is logged in, as the methods of the account need it. */
import type { PlanType } from '../../../schema/protocol/services/account.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { isCode } from '../../errors/codexd-error.js';
import { invalidRequest, type RpcError } from '../../errors/rpc-error.js';
import type { Logger } from '../../log/log.js';
import type { Outbox } from '../../sessions/live/outbox.js';
import type { Account } from '../../sessions/account/index.js';
import { checkWorkspace } from '../../sessions/account/new-login.js';
import { claimsOf } from '../../sessions/account/claims.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import { readLogin, type AccountLogin } from '../../sessions/model/provider/read-login.js';
import { accountForbidden, whyNoAccount, whyNoKey } from './key-permission.js';
import type { Workspaces } from './workspaces.js';

export interface AccountDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
  readonly account: Account;
  readonly workspaces: Workspaces;
  readonly log: Logger;
}

export type AccountState =
  | { readonly kind: 'none' }
  | { readonly kind: 'apiKey'; readonly key: string }
  | {
      readonly kind: 'account';
      /** Null: a client brought the tokens. */
      readonly stored: AccountLogin | null;
      readonly accessToken: string;
      readonly accountId: string | null;
      readonly email: string | null;
      readonly userId: string | null;
      readonly plan: PlanType;
    };

/** A login that the configuration or the requirements forbid counts as none. */
export function accountState({ codexHome, source, account }: AccountDeps): AccountState {
  const external = account.external.login();
  if (external !== null) return { kind: 'account', stored: null, ...external };
  const login = readLogin(codexHome);
  const { modelRequirements } = source.settings();
  if (login.kind === 'apiKey') return whyNoKey(modelRequirements) === null ? login : { kind: 'none' };
  if (login.kind !== 'account') return { kind: 'none' };
  if (whyNoAccount(modelRequirements) !== null || accountForbidden(source)) return { kind: 'none' };
  const { idToken, accessToken, accountId } = login.account;
  if (!isAllowed(account, accountId)) return { kind: 'none' };
  const claims = claimsOf(idToken) ?? claimsOf(accessToken);
  return {
    kind: 'account',
    stored: login.account,
    accessToken,
    accountId,
    email: claims?.email ?? null,
    userId: claims?.userId ?? null,
    plan: claims?.plan ?? 'unknown',
  };
}

/** Whether the provider of new threads needs a login of its vendor. */
export function needsLogin(source: ConfigService): boolean {
  const { table } = source.resolve(source.sources.cwd).effective;
  const id = defaultProvider(source);
  const configured = tableAt(table, 'model_providers')[id];
  if (isTable(configured)) return configured.requires_openai_auth === true;
  return providerSettings(table, id, {})?.usesLogin ?? false;
}

/** Data that only an account of the vendor has. */
export const noAccount = ({ kind }: AccountState, what: string): RpcError =>
  invalidRequest(`${kind === 'apiKey' ? 'chatgpt' : 'codex account'} authentication required ${what}`);

/** All clients learn who is logged in now. */
export function announce(deps: AccountDeps): void {
  deps.workspaces.forget();
  const state = accountState(deps);
  const authMode =
    state.kind === 'none'
      ? null
      : state.kind === 'apiKey'
        ? 'apikey'
        : state.stored === null
          ? 'chatgptAuthTokens'
          : 'chatgpt';
  const planType = state.kind === 'account' ? state.plan : null;
  deps.outbox.broadcast('account/updated', { authMode, planType, reason: null });
}

/** Whether the login's workspace may be used. Settings that cannot be used allow none. */
function isAllowed({ settings }: Account, accountId: string | null): boolean {
  try {
    checkWorkspace(settings(), accountId);
    return true;
  } catch (error) {
    if (isCode(error, 'account.login')) return false;
    throw error;
  }
}
