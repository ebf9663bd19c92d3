import fs from 'node:fs';
import t from 'tap';
import { authFile } from '../../../server/sessions/model/provider/read-login.js';
import { removeLogin, replaceTokens, storeAccount, storeApiKey } from '../../../server/sessions/account/auth-file.js';
import { startIssuer } from '../../fixtures/issuer.js';
import { newHome, storeLogin, stored } from './support.js';

t.test('what is stored is read again, and members that codexd does not know stay', async (t) => {
  const home = newHome(t);
  storeLogin(await startIssuer(t), home);
  const before = stored(home);
  t.ok(await replaceTokens(home, before, { ...before, accessToken: 'next', refreshToken: 'r2', lastRefresh: 5000 }));
  t.match(stored(home), { accessToken: 'next', refreshToken: 'r2', issuer: before.issuer, lastRefresh: 5000 });
  t.match(JSON.parse(fs.readFileSync(authFile(home), 'utf8')), { tokens: { later: 'stays' } });
  t.notOk(await replaceTokens(home, before, before), 'another login is there');
  await storeAccount(home, { ...before, ownerId: 'o', issuer: null, clientId: null });
  t.match(stored(home), { ownerId: 'o', issuer: null, accountId: 'acct-1' });
  t.notMatch(fs.readFileSync(authFile(home), 'utf8'), 'later', 'a new login is new');
  await storeApiKey(home, 'sk-1');
  t.notOk(await replaceTokens(home, before, before));
  t.equal(fs.statSync(authFile(home)).mode & 0o777, 0o600);
});

t.test('a file that does not parse is removed, too', async (t) => {
  const home = newHome(t);
  t.notOk(await removeLogin(home));
  fs.writeFileSync(authFile(home), '{');
  t.ok(await removeLogin(home));
  t.notOk(fs.existsSync(authFile(home)));
});
