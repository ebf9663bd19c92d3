import t from 'tap';
import { gatewayOauthMethods } from '../../../server/services/account/gateway-oauth.js';
import { stage } from './support.js';

t.test('no provider has a login at a gateway', async (t) => {
  const { deps, caller, context } = await stage(t, 'model_provider = "m"\n[model_providers.m]\nname = "M"\n');
  const methods = gatewayOauthMethods(deps);
  t.match(methods['account/gatewayOAuth/read'](null, caller, context), {
    providerId: 'm',
    providerName: 'M',
    required: false,
    status: null,
  });
  t.throws(() => methods['account/gatewayOAuth/read']({ modelProvider: 'nope' }, caller, context), {
    message: /model provider “nope”/,
    data: { type: 'modelProviderNotConfigured', modelProvider: 'nope' },
  });
  t.throws(() => methods['account/gatewayOAuth/login'](null, caller, context), {
    message: /does not use gateway OAuth/,
  });
  t.strictSame(methods['account/gatewayOAuth/cancel'](undefined as never, caller, context), {});
});
