import t from 'tap';
import { renewAt, revokeAt } from '../../../server/sessions/account/issuer.js';
import { startIssuer } from '../../fixtures/issuer.js';
import { storeLogin, stored, world } from './support.js';

t.test('tokens go to the issuer that gave them, or where the environment says', async (t) => {
  const [issuer, other] = [await startIssuer(t), await startIssuer(t)];
  const { home, account } = world(t, other);
  storeLogin(issuer, home);
  const login = stored(home);
  const renewed = await renewAt(account.outbound(), account.settings(), login, 'forced');
  t.match(renewed, { accessToken: String, refreshToken: String, idToken: String });
  for (const path of ['/refresh', '/back']) other.odd.set(path, () => ({ status: 404 }));
  const elsewhere = { ...account.settings(), refreshUrl: `${other.origin}/refresh`, revokeUrl: `${other.origin}/back` };
  await t.rejects(renewAt(account.outbound(), elsewhere, login, 'forced'), {
    code: 'account.login',
    message: /HTTP 404/,
  });
  await t.rejects(revokeAt(account.outbound(), elsewhere, login), { message: /the logout with HTTP 404/ });
  await revokeAt(account.outbound(), account.settings(), { ...login, refreshToken: '' });
  t.strictSame(JSON.parse(issuer.asked.at(-1)!.body), {
    token: login.accessToken,
    token_type_hint: 'access_token',
    client_id: 'client',
  });
  t.strictSame(
    other.asked.map(({ path }) => path),
    ['/refresh', '/back'],
  );
  const plain = renewAt(account.outbound(), account.settings(), { ...login, issuer: 'http://example.com' }, 'forced');
  await t.rejects(plain, { code: 'account.login', message: /must be an https address/ });
});

t.test('what the issuer answers decides whether the login has ended', async (t) => {
  const issuer = await startIssuer(t);
  const { home, account } = world(t, issuer);
  storeLogin(issuer, home);
  const answered = (status: number, body: unknown) => {
    issuer.odd.set('/oauth/token', () => ({ status, body }));
    return renewAt(account.outbound(), account.settings(), stored(home), 'forced');
  };
  await t.rejects(answered(401, {}), { code: 'account.ended', message: /HTTP 401/ });
  await t.rejects(answered(400, { error: 'invalid_grant' }), { code: 'account.ended', message: /invalid_grant/ });
  await t.rejects(answered(400, { error: 'slow_down' }), { code: 'account.login', message: /HTTP 400 slow_down/ });
  await t.rejects(answered(200, { error: { code: 'a secret with spaces' } }), { message: /with HTTP 200$/ });
});
