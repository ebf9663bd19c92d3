import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { accountLoginMethods } from '../../../server/services/account/account-login.js';
import { stage } from './support.js';

t.test('a key is stored, then all clients learn it; an empty one is refused', async (t) => {
  const { deps, told, caller, context, home } = await stage(t);
  const methods = accountLoginMethods(deps);
  const start = async (params: Parameters<(typeof methods)['account/login/start']>[0]) =>
    methods['account/login/start'](params, caller, context);
  await t.rejects(start({ type: 'apiKey', apiKey: ' ' }), { message: 'the API key is empty' });
  t.strictSame(await start({ type: 'apiKey', apiKey: 'sk-1' }), { type: 'apiKey' });
  t.match(told, [
    ['account/login/completed', { loginId: null, success: true, error: null }],
    ['account/updated', { authMode: 'apikey', planType: null, reason: null }],
  ]);
  await t.rejects(start({ type: 'amazonBedrock', apiKey: 'k', region: 'r' }), { message: /no provider for Amazon/ });
  t.throws(() => methods['account/login/cancel']({ loginId: 'x' }, caller, context), {
    message: 'invalid login id: x',
  });
  await methods['account/logout'](undefined as never, caller, context);
  t.strictSame(told.at(-1), ['account/updated', { authMode: null, planType: null, reason: null }]);
  t.notOk(fs.existsSync(path.join(home, 'auth.json')));
});

t.test('what the configuration forbids is refused', async (t) => {
  const key = await stage(t, 'forced_login_method = "api"\n');
  const start = async ({ deps, caller, context }: typeof key, type: 'chatgpt' | 'chatgptDeviceCode') => {
    const more = { codexStreamlinedLogin: false, useHostedLoginSuccessPage: false, appBrand: null };
    const params = type === 'chatgpt' ? ({ type, ...more } as const) : ({ type } as const);
    return accountLoginMethods(deps)['account/login/start'](params, caller, context);
  };
  await t.rejects(start(key, 'chatgpt'), { message: 'ChatGPT login is disabled. Use API key login instead.' });
  await t.rejects(start(key, 'chatgptDeviceCode'), { message: /^ChatGPT login is disabled/ });
  const elsewhere = await stage(t, 'cli_auth_credentials_store = "keyring"\n');
  await t.rejects(start(elsewhere, 'chatgpt'), { message: /cli_auth_credentials_store does not allow/ });
  t.equal(key.issuer.asked.length, 0);
});
