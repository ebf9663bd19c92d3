import fs from 'node:fs';
import t from 'tap';
import { startBrowserLogin } from '../../../server/sessions/account/browser-login.js';
import { authFile } from '../../../server/sessions/model/provider/read-login.js';
import { signIn, startIssuer } from '../../fixtures/issuer.js';
import { formOf, loginOptions, stored, world } from './support.js';

t.test('a login with a browser is stored as the official program stores it', async (t) => {
  const issuer = await startIssuer(t);
  const made = world(t, issuer);
  const login = await startBrowserLogin(loginOptions(made));
  const params = Object.fromEntries(new URL(login.authUrl).searchParams);
  t.match(params, {
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: `http://127.0.0.1:${login.port}/auth/callback`,
    scope: /^openid profile email offline_access/,
    id_token_add_organizations: 'true',
    codex_cli_simplified_flow: 'true',
    originator: 'test',
  });
  t.notOk('prompt' in params);
  t.equal(await signIn(login.authUrl, { state: 'foreign' }), 400, 'an answer with another state does not count');
  t.equal(await signIn(login.authUrl), 200);
  await login.done;
  t.equal(fs.statSync(authFile(made.home)).mode & 0o777, 0o600);
  const file = JSON.parse(fs.readFileSync(authFile(made.home), 'utf8'));
  t.strictSame(Object.keys(file), ['auth_mode', 'OPENAI_API_KEY', 'tokens', 'last_refresh']);
  t.match(file, {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: { account_id: 'acct-1', oauth_provenance: { issuer: issuer.origin } },
  });
  t.equal(formOf(issuer).get('grant_type'), 'authorization_code');
  t.ok(issuer.access.has(stored(made.home).accessToken));
});

t.test('a refusal, a code that is not good and a missing ID token end a login and store nothing', async (t) => {
  const issuer = await startIssuer(t);
  const made = world(t, issuer);
  const denied = await startBrowserLogin(loginOptions(made));
  const ends = t.rejects(denied.done, { message: 'Sign-in failed: no way' });
  await signIn(denied.authUrl, { error: 'access_denied', error_description: 'no way' });
  await ends;
  const wrong = await startBrowserLogin(loginOptions(made));
  const refused = t.rejects(wrong.done, { message: /invalid_grant/ });
  await signIn(wrong.authUrl, { code: 'wrong' });
  await refused;
  issuer.odd.set('/oauth/token', () => ({ body: { access_token: 'a', token_type: 'Bearer' } }));
  const bare = await startBrowserLogin(loginOptions(made));
  const unknown = t.rejects(bare.done, { code: 'account.login', message: /no ID token/ });
  await signIn(bare.authUrl);
  await unknown;
  t.notOk(fs.existsSync(authFile(made.home)));
});
