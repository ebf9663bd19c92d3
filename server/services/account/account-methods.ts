/**
 * The account methods: login with API keys (docs/protocol/services.md §4). A login with an account of the vendor needs
 * the vendor's services, which codexd does not support. Such requests are refused with the way out.
 */
import { messageOf } from '../../errors/message-of.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import type { LoginMethod, ModelRequirements } from '../../config/requirements/model-requirements.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { internalError, invalidRequest, type RpcError } from '../../errors/rpc-error.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import type { Outbox } from '../../sessions/live/outbox.js';
import { KEYS_DISABLED, keysForbidden, whyNoKey } from './key-permission.js';
import { readLogin, type StoredLogin } from '../../sessions/model/provider/read-login.js';
import { removeLogin, storeApiKey } from './stored-login.js';

export interface AccountDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
}

export const accountMethods = defineMethods((deps: AccountDeps) => {
  const { codexHome, source, outbox } = deps;
  const modelRequirements = (): ModelRequirements => source.settings().modelRequirements;
  const loggedIn = (): StoredLogin => {
    const login = readLogin(codexHome);
    return login.kind === 'apiKey' && whyNoKey(modelRequirements()) !== null ? { kind: 'none' } : login;
  };
  return {
    'account/read': () => {
      const required = needsLogin(source);
      const account = required && loggedIn().kind === 'apiKey' ? ({ type: 'apiKey' } as const) : null;
      return { account, userId: null, requiresOpenaiAuth: required, workspaceRouting: null };
    },
    'account/login/start': (params, _caller, { afterAnswer }) => {
      refuseForbidden(source, params.type);
      if (params.type === 'chatgptAuthTokens') {
        throw internalError('failed to set external auth: codexd signs in with API keys only');
      }
      if (params.type !== 'apiKey') throw unsupported(params.type);
      const refusal = whyNoKey(modelRequirements());
      if (refusal !== null) throw invalidRequest(refusal);
      if (params.apiKey.trim() === '') throw invalidRequest('the API key is empty');
      write(() => storeApiKey(codexHome, params.apiKey), 'login');
      afterAnswer(() => {
        outbox.broadcast('account/login/completed', {
          loginId: null,
          success: true,
          error: null,
          onboardingEntrypoint: null,
        });
        outbox.broadcast('account/updated', { authMode: 'apikey', planType: null, reason: null });
      });
      return { type: 'apiKey' };
    },
    'account/login/cancel': ({ loginId }) => {
      if (!UUID.test(loginId)) throw invalidRequest(`invalid login id: ${loginId}`);
      return { status: 'notFound' }; // A login with an API key completes at once, so there is nothing to cancel.
    },
    'account/logout': (_params, _caller, { afterAnswer }) => {
      write(() => removeLogin(codexHome), 'logout');
      afterAnswer(() => outbox.broadcast('account/updated', { authMode: null, planType: null, reason: null }));
      return {};
    },
    'account/rateLimits/read': () => {
      throw noAccount(loggedIn(), 'read rate limits');
    },
    'account/usage/read': () => {
      throw noAccount(loggedIn(), 'read token usage');
    },
    'account/workspaceMessages/read': () => {
      throw noAccount(loggedIn(), 'read workspace messages');
    },
    'account/sendAddCreditsNudgeEmail': () => {
      throw noAccount(loggedIn(), 'notify workspace owner');
    },
    // codexd supports Amazon Bedrock in no region.
    'account/bedrock/checkGovCloudRequirements': () => ({ isGovCloud: false, shouldWarn: false }),
    'accountSession/list': () => ({ activeSessionId: null, sessions: [] }),
    getAuthStatus: ({ includeToken }) => {
      if (!needsLogin(source)) return { authMethod: null, authToken: null, requiresOpenaiAuth: false };
      const login = loggedIn();
      const key = login.kind === 'apiKey' ? login.key : null;
      return {
        authMethod: key === null ? null : 'apikey',
        authToken: includeToken === true ? key : null,
        requiresOpenaiAuth: true,
      };
    },
  };
});

/** Whether the provider of new threads needs a login of its vendor. */
function needsLogin(source: ConfigService): boolean {
  const { table } = source.resolve(source.sources.cwd).effective;
  const id = defaultProvider(source);
  const configured = tableAt(table, 'model_providers')[id];
  if (isTable(configured)) return configured.requires_openai_auth === true;
  return providerSettings(table, id, {})?.usesLogin ?? false;
}

/** `forced_login_method` of the configuration, and `allowed_login_methods` of the requirements. */
function refuseForbidden(source: ConfigService, type: string): void {
  const forced = source.resolve(source.sources.cwd).effective.table.forced_login_method;
  const methods = source.settings().modelRequirements.loginMethods;
  const without = (method: LoginMethod): boolean => methods !== null && !methods.includes(method);
  if (type === 'apiKey' && keysForbidden(source)) throw invalidRequest(KEYS_DISABLED);
  if (type === 'chatgptAuthTokens' && (forced === 'api' || without('chatgpt'))) {
    throw invalidRequest('External ChatGPT auth is disabled. Use API key login instead.');
  }
  if ((forced === 'api' || without('chatgpt')) && type.startsWith('chatgpt')) {
    throw invalidRequest('ChatGPT login is disabled. Use API key login instead.');
  }
}

const unsupported = (type: string): RpcError =>
  invalidRequest(
    `codexd cannot sign in with \`${type}\`: sign in with an API key, or name a provider with \`env_key\` in config.toml`,
  );

/** Data that only an account of the vendor has. */
const noAccount = ({ kind }: StoredLogin, what: string): RpcError =>
  invalidRequest(`${kind === 'apiKey' ? 'chatgpt' : 'codex account'} authentication required to ${what}`);

function write(work: () => void, what: string): void {
  try {
    work();
  } catch (error) {
    throw internalError(`${what} failed: ${messageOf(error)}`);
  }
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
