import fs from 'node:fs';
import t from 'tap';
import { authFile } from '../../../server/sessions/model/provider/read-login.js';
import { storeApiKey } from '../../../server/sessions/account/auth-file.js';
import { startIssuer } from '../../fixtures/issuer.js';
import { never, newHome, storeLogin, stored, world } from './support.js';

t.test('a token that is about to end is renewed, one that is not stays', async (t) => {
  const issuer = await startIssuer(t);
  const { home, account } = world(t, issuer);
  t.equal(await account.access.current(never), null, 'nobody is logged in');
  storeLogin(issuer, home);
  t.match(await account.access.current(never), { accessToken: stored(home).accessToken, accountId: 'acct-1' });
  t.equal(issuer.count('/oauth/token'), 0);
  issuer.expiresIn = 30;
  storeLogin(issuer, home);
  const before = stored(home);
  issuer.expiresIn = 3600;
  const now = await account.access.current(never);
  t.equal(now?.accessToken, stored(home).accessToken);
  t.not(now?.accessToken, before.accessToken);
  t.not(stored(home).refreshToken, before.refreshToken);
  t.match(JSON.parse(issuer.asked.at(-1)!.body), {
    client_id: 'client',
    grant_type: 'refresh_token',
    refresh_reason: 'proactive_expiry',
    refresh_token: before.refreshToken,
  });
  const { tokens } = JSON.parse(fs.readFileSync(authFile(home), 'utf8'));
  t.match(tokens, { later: 'stays', oauth_provenance: { client_id: 'client' } });
  t.equal(fs.statSync(authFile(home)).mode & 0o777, 0o600);
});

t.test('several programs of a home renew a refused token once', async (t) => {
  const issuer = await startIssuer(t);
  const home = newHome(t);
  const worlds = [1, 2, 3].map(() => world(t, issuer, { home }));
  storeLogin(issuer, home);
  issuer.renewalMs = 100;
  const refused = { accessToken: stored(home).accessToken, accountId: 'acct-1' };
  const asking = worlds.flatMap(({ account }) => [1, 2].map(() => account.access.after(refused, never)));
  const found = await Promise.all(asking);
  t.equal(new Set(found.map((grant) => grant?.accessToken)).size, 1);
  t.equal(found[0]?.accessToken, stored(home).accessToken);
  t.equal(issuer.count('/oauth/token'), 1);
  t.strictSame(issuer.reused, []);
});

t.test('a login that the issuer took back is not asked for again', async (t) => {
  const issuer = await startIssuer(t);
  const { home, account, lines } = world(t, issuer);
  storeLogin(issuer, home);
  issuer.refresh.clear();
  const { accessToken, refreshToken } = stored(home);
  const refused = { accessToken, accountId: 'acct-1' };
  for (let tries = 0; tries < 2; tries++)
    await t.rejects(account.access.after(refused, never), { code: 'account.ended', message: /Sign in again/ });
  t.equal(issuer.count('/oauth/token'), 1);
  t.ok(account.stored.hasEnded(stored(home)));
  t.match(lines.join('\n'), /refresh_token_reused/);
  t.notMatch(lines.join('\n'), refreshToken, 'no token is logged');
  storeLogin(issuer, home, { refresh_token: 'another' });
  t.notOk(account.stored.hasEnded(stored(home)), 'a new login counts');
});

t.test('a renewal that fails for the moment leaves a token that still counts', async (t) => {
  const issuer = await startIssuer(t);
  issuer.expiresIn = 30;
  const { home, account } = world(t, issuer);
  storeLogin(issuer, home);
  issuer.odd.set('/oauth/token', () => ({ status: 503, body: {} }));
  t.match(await account.access.current(never), { accessToken: stored(home).accessToken });
  issuer.expiresIn = -5;
  storeLogin(issuer, home);
  await t.rejects(account.access.current(never), { code: 'account.login', message: /HTTP 503/ });
});

t.test('a login that comes during a renewal stays', async (t) => {
  const issuer = await startIssuer(t);
  const { home, account } = world(t, issuer);
  storeLogin(issuer, home);
  const refused = { accessToken: stored(home).accessToken, accountId: 'acct-1' };
  issuer.odd.set('/oauth/token', () => {
    fs.writeFileSync(authFile(home), '{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"}');
    return null;
  });
  t.equal(await account.access.after(refused, never), null);
  t.match(JSON.parse(fs.readFileSync(authFile(home), 'utf8')), { OPENAI_API_KEY: 'sk-1' });
  await storeApiKey(home, 'sk-2');
  t.equal(fs.readFileSync(authFile(home), 'utf8'), '{\n  "auth_mode": "apikey",\n  "OPENAI_API_KEY": "sk-2"\n}');
});
