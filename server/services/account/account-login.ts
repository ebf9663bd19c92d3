/** Signing in: with an API key, a browser, a device code, or tokens of the client (docs/protocol/services.md §4). */
import { isCode } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { internalError, invalidRequest, type RpcError } from '../../errors/rpc-error.js';
import type { Caller } from '../../rpc/connection/caller.js';
import { storeApiKey } from '../../sessions/account/auth-file.js';
import { startBrowserLogin } from '../../sessions/account/browser-login.js';
import { startDeviceLogin } from '../../sessions/account/device-login.js';
import { announce, type AccountDeps } from './account-state.js';
import {
  accountForbidden,
  ACCOUNTS_DISABLED,
  KEYS_DISABLED,
  keysForbidden,
  whyNoAccount,
  whyNoKey,
} from './key-permission.js';

export const accountLoginMethods = defineMethods((deps: AccountDeps) => {
  const { codexHome, source, outbox, account } = deps;
  const completed = (loginId: string | null, error: string | null): void => {
    outbox.broadcast('account/login/completed', {
      loginId,
      success: error === null,
      error,
      onboardingEntrypoint: null,
    });
    if (error === null) announce(deps);
  };
  const ended = (prefix: string) => (id: string, error: unknown) =>
    completed(id, error === null ? null : `${prefix}${messageOf(error)}`);
  const refuseAccount = (): void => {
    if (accountForbidden(source)) throw invalidRequest(ACCOUNTS_DISABLED);
    const refusal = whyNoAccount(source.settings().modelRequirements);
    if (refusal !== null) throw invalidRequest(refusal);
    refuseExternal(deps);
  };
  return {
    'account/login/start': async (params, caller, { afterAnswer }) => {
      switch (params.type) {
        case 'apiKey': {
          if (keysForbidden(source)) throw invalidRequest(KEYS_DISABLED);
          refuseExternal(deps);
          const refusal = whyNoKey(source.settings().modelRequirements);
          if (refusal !== null) throw invalidRequest(refusal);
          if (params.apiKey.trim() === '') throw invalidRequest('the API key is empty');
          await account.logins.close();
          await writing(storeApiKey(codexHome, params.apiKey), 'login');
          afterAnswer(() => completed(null, null));
          return { type: 'apiKey' };
        }
        case 'chatgpt': {
          refuseAccount();
          const started = await begin(deps, caller, startBrowserLogin, ended('Login server error: ')).catch(
            (error: unknown) => {
              throw internalError(`failed to start login server: ${messageOf(error)}`);
            },
          );
          return { type: 'chatgpt', loginId: started.id, authUrl: started.login.authUrl };
        }
        case 'chatgptDeviceCode': {
          refuseAccount();
          const started = await begin(deps, caller, startDeviceLogin, ended('')).catch((error: unknown) => {
            if (isCode(error, 'account.no-device-codes')) throw invalidRequest(error.message);
            throw internalError(`failed to request device code: ${messageOf(error)}`);
          });
          const { verificationUrl, userCode } = started.login;
          return { type: 'chatgptDeviceCode', loginId: started.id, verificationUrl, userCode };
        }
        case 'chatgptAuthTokens':
          if (accountForbidden(source))
            throw invalidRequest('External ChatGPT auth is disabled. Use API key login instead.');
          try {
            account.external.set({ ...params, chatgptPlanType: params.chatgptPlanType ?? null }, caller);
          } catch (error) {
            throw internalError(`failed to set external auth: ${messageOf(error)}`);
          }
          afterAnswer(() => completed(null, null));
          return { type: 'chatgptAuthTokens' };
        case 'amazonBedrock':
        case 'amazonBedrockAccessKeys':
          throw unsupported(params.type);
      }
    },
    'account/login/cancel': ({ loginId }) => {
      if (!UUID.test(loginId)) throw invalidRequest(`invalid login id: ${loginId}`);
      return { status: account.logins.cancel(loginId) ? 'canceled' : 'notFound' };
    },
    'account/logout': async (_params, _caller, { afterAnswer }) => {
      await writing(account.logout(), 'logout');
      afterAnswer(() => announce(deps));
      return {};
    },
  };
});

const begin = <L extends { readonly done: Promise<void> }>(
  { account, codexHome }: AccountDeps,
  caller: Pick<Caller, 'client'>,
  start: (options: Parameters<typeof startBrowserLogin>[0]) => Promise<L>,
  onEnd: (id: string, error: unknown) => void,
) =>
  account.logins.begin(
    (gone) =>
      start({
        codexHome,
        outbound: account.outbound(),
        settings: account.settings(),
        originator: caller.client.name,
        gone,
      }),
    onEnd,
  );

function refuseExternal({ account }: AccountDeps): void {
  if (account.external.login() === null) return;
  throw invalidRequest(
    'External auth is active. Use account/login/start (chatgptAuthTokens) to update it or account/logout to clear it.',
  );
}

const unsupported = (type: string): RpcError =>
  invalidRequest(
    `codexd cannot sign in with \`${type}\`, because it has no provider for Amazon Bedrock: sign in another way, or name a provider with \`env_key\` in config.toml`,
  );

async function writing<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw internalError(`${what} failed: ${messageOf(error)}`);
  }
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
