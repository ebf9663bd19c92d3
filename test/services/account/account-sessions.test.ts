import t from 'tap';
import { accountSessionMethods } from '../../../server/services/account/account-sessions.js';
import { storeLogin, stored } from '../../sessions/account/support.js';
import { stage } from './support.js';

t.test('a workspace that needs a login of its own is not switched to', async (t) => {
  const { deps, home, issuer, caller, context, told } = await stage(t);
  const methods = accountSessionMethods(deps);
  const list = { refreshWorkspaceMetadata: false };
  t.strictSame(await methods['accountSession/list'](list, caller, context), { activeSessionId: null, sessions: [] });
  storeLogin(issuer, home);
  const { activeSessionId } = await methods['accountSession/list'](list, caller, context);
  t.equal(activeSessionId, 'user-1', 'a login without a name of its own');
  const change = async (accountId: string) =>
    methods['accountSession/switch']({ sessionId: 'user-1', accountId, allowBrowserLogin: false }, caller, context);
  await t.rejects(change('acct-2'), { message: 'Failed to fetch workspace metadata' });
  issuer.odd.set('/backend-api/wham/accounts/check', () => ({
    body: { accounts: [{ id: 'acct-2', can_access_with_session: false }] },
  }));
  await t.rejects(change('acct-2'), { message: /requires a new sign-in/ });
  t.match(await change('acct-1'), { sessions: [{ selectedWorkspaceAccountId: 'acct-1' }] });
  t.equal(stored(home).accountId, 'acct-1');
  t.strictSame(told, []);
});
