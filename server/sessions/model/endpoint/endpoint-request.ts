/**
 * The common part of every request to a model endpoint: its address, its headers, its key, and whether it may be sent.
 */
import type { ModelRequirements } from '../../../config/requirements/model-requirements.js';
import { messageOf } from '../../../errors/message-of.js';
import { mayAsk } from '../provider/application-network.js';
import { findCredential, type AccountAccess, type AccountGrant, type Credential } from '../provider/credentials.js';
import { ModelError } from '../provider/model-provider.js';
import type { ProviderSettings } from '../provider/provider-settings.js';
import { readLogin, type StoredLogin } from '../provider/read-login.js';
import type { TokenOwner, TokenSource } from '../provider/token-command.js';

export interface EndpointOptions {
  readonly settings: ProviderSettings;
  /** The daemon's environment: keys, and proxy variables such as HTTP_PROXY. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
  /** The current requirements. */
  readonly modelRequirements: () => ModelRequirements;
  /** Tokens for `settings.auth`. Absent or null: no program is run here. */
  readonly tokens?: TokenSource | null;
  /** The login with an account. Absent or null: requests here have none. */
  readonly account?: AccountAccess | null;
  /** The daemon serves `codexd exec`: another variable counts (provider/credentials.ts). */
  readonly forExec?: boolean;
}

/** The turn for which a request is made, and the signal that aborts it. */
export interface RequestOwner {
  readonly owner: TokenOwner;
  readonly signal: AbortSignal;
}

export interface PreparedRequest {
  readonly url: URL;
  /** The configured headers, the key, and the headers that the requirements demand. */
  readonly headers: Readonly<Record<string, string>>;
  /** The tokens of the account that are among the headers; null: others, or none. */
  readonly grant: AccountGrant | null;
}

/** Tells endpoints of OpenAI in which region data must stay. */
const RESIDENCY_HEADER = 'x-openai-internal-codex-residency';

/**
 * `suffix` is appended to the base URL. Throws ModelError: no usable address, no key, or the requirements forbid it.
 */
export async function prepareRequest(
  options: EndpointOptions,
  suffix: string,
  by: RequestOwner | null = null,
): Promise<PreparedRequest> {
  const { settings } = options;
  const credential = credentialOf(options);
  const base = credential.kind === 'account' ? settings.accountBaseUrl : null;
  const url = endpointUrl(base === null ? settings : { ...settings, baseUrl: base }, suffix);
  for (const [name, value] of Object.entries(settings.queryParams)) url.searchParams.set(name, value);
  const { residency } = options.modelRequirements();
  assertMayAsk(options, url);
  const demanded = residency === null ? {} : { [RESIDENCY_HEADER]: residency };
  const { headers, grant } = await authorization(options, credential, by);
  return { url, headers: { ...ownHeaders(options), ...headers, ...demanded }, grant };
}

/**
 * The same request to the target of a redirect. Another host receives neither the key nor the configured headers,
 * because they are for the configured host. Throws ModelError.
 */
export function redirected(options: EndpointOptions, request: PreparedRequest, location: string): PreparedRequest {
  const refuse = (why: string): ModelError =>
    new ModelError(`${request.url.href} redirects to \`${location}\`, ${why}`, 'other', 'never');
  if (!URL.canParse(location, request.url.href)) throw refuse('which is not an address');
  const url = new URL(location, request.url);
  if (!/^https?:$/.test(url.protocol)) throw refuse('which is neither http nor https');
  if (request.url.protocol === 'https:' && url.protocol === 'http:') throw refuse('which is not encrypted');
  assertMayAsk(options, url);
  return { ...request, url, headers: url.host === request.url.host ? request.headers : {} };
}

/** Throws ModelError if the requirements forbid the destination. */
function assertMayAsk({ modelRequirements }: EndpointOptions, url: URL): void {
  const { applicationNetwork, source } = modelRequirements();
  if (mayAsk(url, applicationNetwork)) return;
  throw new ModelError(
    `destination denied by application network policy: ${url.host} (set by ${source})`,
    'other',
    'never',
  );
}

/** A query in the base URL stays after the path. Throws ModelError. */
function endpointUrl({ id, baseUrl }: ProviderSettings, suffix: string): URL {
  const [place = '', query] = splitAt(baseUrl, '?');
  const whole = `${place.replace(/\/+$/, '')}${suffix}${query === undefined ? '' : `?${query}`}`;
  if (URL.canParse(whole) && /^https?:/i.test(whole)) return new URL(whole);
  const said = baseUrl === '' ? 'none is set' : `\`${baseUrl}\` is none`;
  throw new ModelError(`model_providers.${id}.base_url must be an http or https address: ${said}`, 'other', 'never');
}

function splitAt(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** The configured headers. */
function ownHeaders({ settings, env }: EndpointOptions): Record<string, string> {
  const fromEnvironment = Object.entries(settings.envHeaders).flatMap(([name, variable]) => {
    const value = env[variable]?.trim();
    return value ? [[name.toLowerCase(), value] as const] : [];
  });
  const fixed = Object.entries(settings.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries([...fixed, ...fromEnvironment]);
}

/** Throws ModelError if the requirements forbid this kind of login. */
function credentialOf({ settings, env, codexHome, modelRequirements, account, forExec = false }: EndpointOptions) {
  const { loginMethods, loginInFileForbiddenBy, source } = modelRequirements();
  const login = (): StoredLogin | null => (loginInFileForbiddenBy === null ? readLogin(codexHome) : null);
  const isExternal = settings.usesLogin && account?.hasExternalTokens() === true;
  const credential: Credential = isExternal ? { kind: 'account' } : findCredential(settings, { env, forExec, login });
  // For a provider with OpenAI's login, a key counts as a login by API key, whatever its source.
  const method = credential.kind === 'account' ? 'chatgpt' : 'api';
  if (settings.usesLogin && loginMethods !== null && !loginMethods.includes(method)) {
    const what = method === 'api' ? 'API key login' : 'ChatGPT login';
    throw new ModelError(`${what} is disabled by allowed_login_methods (set by ${source})`, 'other', 'never');
  }
  return credential;
}

interface Authorized {
  readonly headers: Readonly<Record<string, string>>;
  readonly grant: AccountGrant | null;
}

/** Throws ModelError if a key is needed and there is none: then no request is made (docs/protocol/turns.md §3). */
async function authorization(
  { settings, tokens = null, account = null }: EndpointOptions,
  credential: Credential,
  by: RequestOwner | null,
): Promise<Authorized> {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, grant: null });
  const refused = (why: string): ModelError => new ModelError(why, 'other', 'never');
  switch (credential.kind) {
    case 'none':
      return { headers: {}, grant: null };
    case 'key':
      return bearer(credential.key);
    case 'missing':
      throw refused(credential.why);
    case 'account': {
      if (account === null || by === null) throw refused('The login with an account is used for turns only');
      const grant = await account.current(by.signal).catch((error: unknown) => {
        by.signal.throwIfAborted();
        throw refused(messageOf(error));
      });
      if (grant === null) throw refused('The login with the account is gone. Sign in again: codexd login');
      return { headers: accountHeaders(grant), grant };
    }
    case 'command':
      if (tokens === null || by === null)
        throw refused(`model_providers.${settings.id}.auth: its command is run for turns only`);
      return bearer(await tokens.token(by.owner, by.signal));
  }
}

export const accountHeaders = ({ accessToken, accountId }: AccountGrant): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${accessToken}`,
  ...(accountId === null ? {} : { 'chatgpt-account-id': accountId }),
});
