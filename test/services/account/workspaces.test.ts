import t from 'tap';
import { storeLogin } from '../../sessions/account/support.js';
import { workspacesIn } from '../../../server/services/account/workspaces.js';
import { stage } from './support.js';

const entry = { id: 'a', name: 'A', structure: 'workspace', account_routing_override: 'us' };

t.test('workspaces as the service says them', (t) => {
  const [first, second] = workspacesIn({
    accounts: [
      { ...entry, workspace_backend_origin: 'https://example.com', profile_picture_url: 'https://p' },
      { id: 'b', structure: 'other', can_access_with_session: false, workspace_backend_origin: 'x' },
      { id: 'c', is_deactivated: true },
      null,
      { name: 'without an id' },
    ],
  });
  t.strictSame(first, {
    accountId: 'a',
    name: 'A',
    imageUrl: 'https://p',
    kind: 'workspace',
    isOpen: true,
    routing: { chatgptAccountId: 'a', backendOrigin: 'https://example.com', accountRoutingOverride: 'us' },
  });
  t.match(second, { accountId: 'b', kind: null, isOpen: false, routing: null });
  t.match(workspacesIn({ accounts: { x: entry } }), [{ accountId: 'a' }]);
  for (const answer of [null, [], { accounts: 'x' }]) t.strictSame(workspacesIn(answer), []);
  t.end();
});

t.test('what is known is not asked again, a failure neither', async (t) => {
  const { deps, home, issuer } = await stage(t);
  storeLogin(issuer, home);
  const { workspaces } = deps;
  t.equal(await workspaces.about(null), null);
  t.equal(await workspaces.about('a'), null);
  t.equal(await workspaces.about('a'), null);
  t.equal(issuer.asked.length, 1);
  issuer.odd.set('/backend-api/wham/accounts/check', () => ({ body: { accounts: [entry] } }));
  workspaces.forget();
  t.match(await workspaces.about('a'), { name: 'A' });
  t.match(await workspaces.about('a'), { name: 'A' });
  t.equal(issuer.asked.length, 2);
});
