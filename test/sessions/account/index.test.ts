import fs from 'node:fs';
import t from 'tap';
import { authFile } from '../../../server/sessions/model/provider/read-login.js';
import { startIssuer } from '../../fixtures/issuer.js';
import { never, storeLogin, world } from './support.js';

t.test('an administrator denies the issuer', async (t) => {
  const issuer = await startIssuer(t);
  const required = '[application.network.domains]\n"example.com" = "allow"\n';
  const { account, home } = world(t, issuer, { required });
  storeLogin(issuer, home);
  await t.rejects(account.stored.renewNow(never), { message: /denied by application network policy/ });
  t.equal(issuer.asked.length, 0);
});

t.test('a logout takes the tokens back, and an issuer that is away does not hinder it', async (t) => {
  const issuer = await startIssuer(t);
  const { account, home, lines } = world(t, issuer);
  storeLogin(issuer, home);
  t.ok(await account.logout());
  t.equal(issuer.refresh.size, 0);
  t.notOk(await account.logout());
  storeLogin(issuer, home);
  issuer.odd.set('/oauth/revoke', () => ({ status: 500 }));
  t.ok(await account.logout());
  t.notOk(fs.existsSync(authFile(home)));
  t.match(lines.join('\n'), /could not be taken back/);
  t.notMatch(lines.join('\n'), 'refresh-0');
});
