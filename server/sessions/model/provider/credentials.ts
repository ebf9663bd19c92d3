/**
 * Which key a request to a model endpoint carries: the one place that decides it (docs/protocol/turns.md §3).
 *
 * The order is that of the official program (0.171): `env_key`, `experimental_bearer_token`, `auth`; then, for a
 * provider with its vendor's login, `CODEX_API_KEY` in `codexd exec`, the stored login, and the vendor's own variable.
 * A key is for one place: what a provider does not name is not sent to it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { StoredLogin } from './read-login.js';
import type { ProviderSettings } from './provider-settings.js';

export type Credential =
  /** The endpoint needs no key. */
  | { readonly kind: 'none' }
  /** `from`: where the key is, for people. */
  | { readonly kind: 'key'; readonly key: string; readonly from: string }
  /** The login with an account: its tokens are renewed, so they are asked for with each request. */
  | { readonly kind: 'account' }
  /** The program in `auth` prints it. */
  | { readonly kind: 'command' }
  /** `variable`: the one that would hold it; null: a login would. `why`: one sentence. */
  | { readonly kind: 'missing'; readonly variable: string | null; readonly why: string };

export interface CredentialSources {
  /** The daemon's own environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The daemon serves `codexd exec`. */
  readonly forExec: boolean;
  /** Reads the stored login; null: the requirements forbid a login in a file. */
  readonly login: () => StoredLogin | null;
}

/** The variable of the official program's `exec`, for runs without a person. */
const EXEC_VARIABLE = 'CODEX_API_KEY';

type Provider = Pick<
  ProviderSettings,
  'envKey' | 'envKeyInstructions' | 'bearerToken' | 'auth' | 'usesLogin' | 'loginVariable'
>;

export function findCredential(provider: Provider, { env, forExec, login }: CredentialSources): Credential {
  const { envKey, envKeyInstructions, bearerToken, auth, usesLogin, loginVariable } = provider;
  const inVariable = (name: string): Credential | null => {
    const key = env[name]?.trim();
    return key ? { kind: 'key', key, from: name } : null;
  };
  if (envKey !== null) return inVariable(envKey) ?? missing(envKey, envKeyInstructions);
  if (bearerToken !== null) return { kind: 'key', key: bearerToken, from: 'experimental_bearer_token' };
  if (auth !== null) return { kind: 'command' };
  if (!usesLogin) return { kind: 'none' };
  const ofExec = forExec ? inVariable(EXEC_VARIABLE) : null;
  if (ofExec !== null) return ofExec;
  const stored = login();
  if (stored?.kind === 'apiKey' && stored.key !== '') return { kind: 'key', key: stored.key, from: 'auth.json' };
  if (stored?.kind === 'account') return { kind: 'account' };
  const ofVendor = loginVariable === null ? null : inVariable(loginVariable);
  if (ofVendor !== null) return ofVendor;
  if (stored?.kind === 'unknown') return { kind: 'missing', variable: loginVariable, why: otherLogin(stored.mode) };
  if (stored?.kind === 'none' && stored.problem !== undefined) {
    const why = `auth.json in the Codex home cannot be read: ${stored.problem}`;
    return { kind: 'missing', variable: loginVariable, why };
  }
  return loginVariable === null ? { kind: 'none' } : missing(loginVariable, null);
}

const missing = (variable: string, instructions: string | null): Credential => ({
  kind: 'missing',
  variable,
  why: `Missing environment variable: \`${variable}\`.${instructions === null ? '' : ` ${instructions}`}`,
});

const otherLogin = (mode: string | null): string =>
  `The login in auth.json is of a kind that codexd cannot use${mode === null ? '' : ` (${mode})`}. Log in with an API key: codexd login --with-api-key`;

export interface AccountGrant {
  readonly accessToken: string;
  /** The workspace of the account; null: the login does not say. */
  readonly accountId: string | null;
}

/**
 * What requests to model endpoints need of a login with an account. sessions/account implements it; requests that no
 * thread makes have none.
 */
export interface AccountAccess {
  /** Whether a client signed the daemon in with tokens of its own: nothing of them is on disk. */
  hasExternalTokens(): boolean;
  /**
   * The tokens of the login, renewed if they are about to end. Null: nobody is logged in. Throws `account.ended`,
   * `account.login`, or the signal's reason.
   */
  current(signal: AbortSignal): Promise<AccountGrant | null>;
  /** What to use after an endpoint refused these tokens; null: there is nothing else. Throws as `current`. */
  after(refused: AccountGrant, signal: AbortSignal): Promise<AccountGrant | null>;
  /** The headers of an endpoint's answer, which may contain the limits of the account. Never throws. */
  answered(headers: IncomingHttpHeaders): void;
}
