import t from 'tap';
import { startBrowserLogin } from '../../../server/sessions/account/browser-login.js';
import { signIn, startIssuer } from '../../fixtures/issuer.js';
import { loginOptions, never, storeLogin, world } from './support.js';

t.test('a workspace that is not allowed is neither signed in to nor used', async (t) => {
  const issuer = await startIssuer(t);
  const forced = world(t, issuer, { config: 'forced_chatgpt_workspace_id = ["acct-7"]' });
  const login = await startBrowserLogin(loginOptions(forced));
  t.equal(new URL(login.authUrl).searchParams.get('allowed_workspace_id'), 'acct-7');
  const refused = t.rejects(login.done, { code: 'account.login', message: /`acct-1`.*`acct-7` only/ });
  await signIn(login.authUrl);
  await refused;
  const required = world(t, issuer, { required: 'allowed_chatgpt_workspaces = ["acct-8"]' });
  storeLogin(issuer, required.home);
  await t.rejects(required.account.access.current(never), { code: 'account.login', message: /`acct-8` only/ });
});
