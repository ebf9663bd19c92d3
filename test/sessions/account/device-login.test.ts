import t from 'tap';
import { startDeviceLogin } from '../../../server/sessions/account/device-login.js';
import { startIssuer } from '../../fixtures/issuer.js';
import { formOf, loginOptions, stored, world } from './support.js';

t.test('a login with a device code', async (t) => {
  const issuer = await startIssuer(t);
  const made = world(t, issuer);
  const login = await startDeviceLogin(loginOptions(made));
  t.match(login, { userCode: 'ABCD-1234', verificationUrl: `${issuer.origin}/codex/device` });
  await login.done;
  t.equal(issuer.count('/api/accounts/deviceauth/token'), 2);
  t.equal(formOf(issuer).get('redirect_uri'), `${issuer.origin}/deviceauth/callback`);
  t.ok(issuer.access.has(stored(made.home).accessToken));
  issuer.odd.set('/api/accounts/deviceauth/usercode', () => ({ status: 404 }));
  await t.rejects(startDeviceLogin(loginOptions(made)), { code: 'account.no-device-codes' });
  issuer.odd.clear();
  issuer.odd.set('/api/accounts/deviceauth/token', () => ({ status: 500 }));
  await t.rejects((await startDeviceLogin(loginOptions(made))).done, { message: 'device auth failed with status 500' });
  issuer.odd.set('/api/accounts/deviceauth/token', () => ({ status: 403 }));
  const gone = new AbortController();
  const waiting = await startDeviceLogin(loginOptions(made, gone.signal));
  gone.abort(new Error('enough'));
  await t.rejects(waiting.done, { message: 'enough' });
});
