/**
 * Where people sign in with an account, and which services know the account (docs/guide/sign-in.md).
 *
 * Threat: a token is sent to a place that did not give it, or over a connection that others read.
 *
 * Rule: an address is https, or http on this machine. The environment and the configuration of the person and the
 * administrator name it; a project cannot (config/layers/project-keys.ts).
 *
 * Scope: addresses of logins, renewals and questions about the account. Non-scope: the model's address
 * (model/provider/provider-settings.ts).
 */
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { isLoopback } from '../model/provider/local-servers.js';
import { backendBase } from '../model/provider/provider-settings.js';

export interface AccountSettings {
  /** Without a slash at its end. */
  readonly issuer: string;
  readonly isVendors: boolean;
  readonly clientId: string;
  /** Null: `/oauth/token` of the issuer that gave the tokens. */
  readonly refreshUrl: string | null;
  /** Null: `/oauth/revoke` of the issuer that gave the tokens. */
  readonly revokeUrl: string | null;
  /** Of the services that know the account, without a slash at its end. */
  readonly backend: string;
  /** The workspaces that may be signed in to; null: any. */
  readonly workspaces: readonly string[] | null;
}

/** The official program's, and its id there. */
const VENDOR = 'https://auth.openai.com';
const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';

/** `required`: the workspaces that the administrator allows. Throws `account.login` for an unusable address. */
export function accountSettings(
  table: TomlTable,
  env: Readonly<NodeJS.ProcessEnv>,
  required: readonly string[] | null,
): AccountSettings {
  const configured = tableAt(tableAt(table, 'codexd'), 'login');
  const text = (key: string): string | undefined => {
    const value = isTable(configured) ? configured[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const variable = (name: string): string | undefined => env[name]?.trim() || undefined;
  const address = (name: string, given: string | undefined): string | null =>
    given === undefined ? null : checkedAddress(name, given);
  const issuer =
    address('CODEX_APP_SERVER_LOGIN_ISSUER', variable('CODEX_APP_SERVER_LOGIN_ISSUER')) ??
    address('codexd.login.issuer', text('issuer')) ??
    VENDOR;
  const { forced_chatgpt_workspace_id: forced } = table;
  return {
    issuer,
    isVendors: issuer === VENDOR,
    clientId: variable('CODEX_APP_SERVER_LOGIN_CLIENT_ID') ?? text('client_id') ?? CLIENT_ID,
    refreshUrl: address('CODEX_REFRESH_TOKEN_URL_OVERRIDE', variable('CODEX_REFRESH_TOKEN_URL_OVERRIDE')),
    revokeUrl: address('CODEX_REVOKE_TOKEN_URL_OVERRIDE', variable('CODEX_REVOKE_TOKEN_URL_OVERRIDE')),
    backend: checkedAddress('chatgpt_base_url', backendBase(table)),
    workspaces: workspacesOf(forced, required),
  };
}

/** Null: any. What both allow is allowed: an empty list allows none. */
function workspacesOf(forced: unknown, required: readonly string[] | null): readonly string[] | null {
  const list = (Array.isArray(forced) ? forced : [forced]).filter((id): id is string => typeof id === 'string');
  if (list.length === 0) return required;
  return required === null ? list : list.filter((id) => required.includes(id));
}

/** Without a slash at its end. Throws `account.login`. `name`: what says it. */
export function checkedAddress(name: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isGood = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  if (isGood && url.username === '' && url.password === '') return address.replace(/\/+$/, '');
  throw new CodexdError(
    'account.login',
    `${name} must be an https address, or an http address of this machine, without a user: \`${url === null ? address : url.origin}\` is not`,
  );
}

/** Where the services are below `chatgpt_base_url`: the vendor's own address has them elsewhere than a gateway. */
export const servicePath = (backend: string): string => (backend.includes('/backend-api') ? '/wham' : '/api/codex');
