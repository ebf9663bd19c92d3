import t from 'tap';
import { storeApiKey } from '../../../server/sessions/account/auth-file.js';
import { accountState, announce, needsLogin, noAccount } from '../../../server/services/account/account-state.js';
import { storeLogin } from '../../sessions/account/support.js';
import { stage } from './support.js';

t.test('who is logged in, and what the methods need', async (t) => {
  const { deps, home, issuer, told } = await stage(t);
  t.ok(needsLogin(deps.source));
  t.strictSame(accountState(deps), { kind: 'none' });
  t.match(noAccount(accountState(deps), 'to x'), { message: 'codex account authentication required to x' });
  await storeApiKey(home, 'sk-1');
  t.strictSame(accountState(deps), { kind: 'apiKey', key: 'sk-1' });
  t.match(noAccount(accountState(deps), 'to x'), { message: 'chatgpt authentication required to x' });
  storeLogin(issuer, home);
  t.match(accountState(deps), { kind: 'account', accountId: 'acct-1', plan: 'pro', email: 'user@example.com' });
  announce(deps);
  t.strictSame(told, [['account/updated', { authMode: 'chatgpt', planType: 'pro', reason: null }]]);
});

t.test('a login that the configuration forbids counts as none', async (t) => {
  for (const config of ['forced_login_method = "api"', 'forced_chatgpt_workspace_id = "acct-9"']) {
    const { deps, home, issuer } = await stage(t, `${config}\n`);
    storeLogin(issuer, home);
    t.strictSame(accountState(deps), { kind: 'none' }, config);
  }
});
