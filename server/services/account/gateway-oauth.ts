/** Logins at gateways of model providers. No provider of codexd has one, so it can say so of each. */
import { invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { defaultProvider } from '../../sessions/methods/thread/lifecycle-common.js';
import { providerSettings } from '../../sessions/model/provider/provider-settings.js';
import { missingProvider } from '../../sessions/state/state-parts.js';
import type { AccountDeps } from './account-state.js';

export const gatewayOauthMethods = defineMethods(({ source }: AccountDeps) => {
  /** Throws RpcError when there is no such provider. */
  const provider = (asked: string | null) => {
    const id = asked ?? defaultProvider(source);
    const found = providerSettings(source.resolve(source.sources.cwd).effective.table, id, {});
    if (found === null) throw missingProvider(id);
    return found;
  };
  return {
    'account/gatewayOAuth/read': (params) => {
      const { id, name } = provider(params?.modelProvider ?? null);
      return {
        providerId: id,
        providerName: name,
        required: false,
        supportsDeviceAuth: false,
        status: null,
        error: null,
      };
    },
    'account/gatewayOAuth/login': (params) => {
      provider(params?.modelProvider ?? null);
      throw invalidRequest('The selected provider does not use gateway OAuth');
    },
    'account/gatewayOAuth/cancel': () => ({}), // No login of this kind can wait.
  };
});
