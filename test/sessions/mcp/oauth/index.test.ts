import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { authorizationServer, browse } from '../../../fixtures/authorization-server.js';
import { configOf, never, newHome, REQUEST, world } from './support.js';
import { isForUserAlone } from '../../../fixtures/for-user-alone.js';

t.test('a login stores tokens that the server takes', async (t) => {
  const server = await authorizationServer(t);
  const { home, logins } = world(t);
  const config = configOf(server.url);
  t.equal(await logins.status(config), 'notLoggedIn');
  t.equal(logins.stored(config), null);
  const started = await logins.login(config, REQUEST);
  const asked = new URL(started.authorizationUrl).searchParams;
  t.match(Object.fromEntries(asked), {
    response_type: 'code',
    code_challenge_method: 'S256',
    resource: server.url,
    scope: 'r',
    redirect_uri: /^http:\/\/127\.0\.0\.1:\d+\/callback\/[\w-]{12}$/,
  });
  t.same(await browse(started.authorizationUrl), {
    status: 200,
    text: 'Authentication complete. You may close this window.',
  });
  await started.done;
  t.equal(await logins.status(config), 'oAuth');
  const token = logins.stored(config);
  t.ok(server.access.has(token ?? ''));
  t.equal(await logins.tokens(config)?.current(never), token);
  const file = path.join(home, '.credentials.json');
  t.ok(await isForUserAlone(file));
  t.equal(await logins.logout(config), true);
  t.equal(await logins.logout(config), false);
  t.equal(await logins.status(config), 'notLoggedIn');
  t.notMatch(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '', /access|refresh/);
});

t.test('the places are asked in the order of the official program', async (t) => {
  const server = await authorizationServer(t);
  const { logins } = world(t);
  const started = await logins.login(configOf(server.url), REQUEST);
  await browse(started.authorizationUrl);
  await started.done;
  t.same(server.paths(), [
    'GET /mcp',
    'GET /.well-known/oauth-protected-resource/mcp',
    'GET /.well-known/oauth-authorization-server',
    'POST /register',
    'GET /authorize',
    'POST /token',
  ]);
});

t.test('a client and scopes of the configuration are used', async (t) => {
  const server = await authorizationServer(t);
  const { logins } = world(t);
  const config = configOf(
    server.url,
    'scopes = ["x", "y"]\noauth_resource = "https://more.test/"\noauth = { client_id = "me", client_secret = "s" }',
  );
  const started = await logins.login(config, REQUEST);
  const asked = new URL(started.authorizationUrl).searchParams;
  t.equal(asked.get('client_id'), 'me');
  t.equal(asked.get('scope'), 'x y');
  t.same(asked.getAll('resource'), [server.url, 'https://more.test/']);
  await browse(started.authorizationUrl);
  await started.done;
  t.notOk(server.paths().includes('POST /register'));
  const exchange = server.seen.find(({ path }) => path === '/token');
  t.equal(exchange?.headers.authorization, `Basic ${Buffer.from('me:s').toString('base64')}`);
  const own = await logins.login(config, { ...REQUEST, scopes: ['z'] });
  t.equal(new URL(own.authorizationUrl).searchParams.get('scope'), 'z');
});

t.test('another login at the same server ends the one before, and the end of the program ends it', async (t) => {
  const server = await authorizationServer(t);
  const { logins } = world(t);
  const config = configOf(server.url);
  const first = await logins.login(config, REQUEST);
  const ended = t.rejects(first.done, { message: /another login/ });
  const second = await logins.login(config, REQUEST);
  await ended;
  await t.rejects(browse(first.authorizationUrl), 'its port is free');
  const over = t.rejects(second.done, { message: /the program ends/ });
  await logins.close();
  await over;
});

t.test('who has a token of the configuration, or no address, needs no login', async (t) => {
  const { logins } = world(t);
  t.equal(await logins.status(configOf('http://127.0.0.1:9', 'bearer_token_env_var = "T"')), 'bearerToken');
  t.equal(await logins.status(configOf('http://127.0.0.1:9', 'enabled = false')), 'unsupported');
  t.equal(await logins.status(configOf('http://127.0.0.1:9')), 'unknown');
  t.equal(logins.tokens(configOf('http://127.0.0.1:9', 'bearer_token_env_var = "T"')), null);
  await t.rejects(logins.login(configOf('ftp://h.test'), REQUEST), { code: 'mcp.login' });
});

t.test('without metadata there are no logins', async (t) => {
  const server = await authorizationServer(t);
  server.resource = null;
  server.odd.set('/.well-known/oauth-authorization-server', () => ({ status: 404 }));
  const { logins } = world(t);
  t.equal(await logins.status(configOf(server.url)), 'unsupported');
  await t.rejects(logins.login(configOf(server.url), REQUEST), { message: 'No authorization support detected' });
});

t.test('a keyring is refused with the way out, and no stored token is used', async (t) => {
  const server = await authorizationServer(t);
  const home = newHome(t);
  const { logins } = world(t, '', home);
  const config = configOf(server.url);
  const started = await logins.login(config, REQUEST);
  await browse(started.authorizationUrl);
  await started.done;
  const other = world(t, 'mcp_oauth_credentials_store = "keyring"', home).logins;
  t.equal(other.stored(config), null);
  t.equal(other.tokens(config), null);
  await t.rejects(other.login(config, REQUEST), { message: /codexd has no keyring. Set it to "file" or "auto"/ });
  await t.rejects(other.logout(config), { message: /keyring/ });
});
