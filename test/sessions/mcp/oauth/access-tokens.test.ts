import t from 'tap';
import { authorizationServer, browse } from '../../../fixtures/authorization-server.js';
import {
  changeStoredLogin,
  readStoredLogin,
  type StoredLogin,
} from '../../../../server/sessions/mcp/oauth/credentials-file.js';
import { configOf, never, REQUEST, world } from './support.js';

/** A home with a login. `change`: of what is stored. */
async function loggedIn(t: Parameters<typeof world>[0], change: Partial<StoredLogin> = {}) {
  const server = await authorizationServer(t);
  const made = world(t);
  const config = configOf(server.url);
  const started = await made.logins.login(config, REQUEST);
  await browse(started.authorizationUrl);
  await started.done;
  const id = { name: 'srv', url: server.url };
  const stored = (): StoredLogin => readStoredLogin(made.home, id)!;
  const first = stored();
  await changeStoredLogin(made.home, id, { ...first, ...change });
  server.seen.length = 0;
  const tokens = made.logins.tokens(config)!;
  const refreshes = (): number => server.paths().filter((path) => path === 'POST /token').length;
  return { ...made, server, config, id, first, stored, tokens, refreshes };
}

t.test('a token that ends soon is renewed before it is used, one that does not is not', async (t) => {
  const { tokens, stored, first, server, refreshes } = await loggedIn(t);
  t.equal(await tokens.current(never), first.accessToken);
  t.equal(refreshes(), 0);
  const soon = await loggedIn(t, { expiresAt: Date.now() + 20_000 });
  const next = await soon.tokens.current(never);
  t.ok(soon.server.access.has(next ?? ''));
  t.not(next, soon.first.accessToken);
  t.match(soon.stored(), { accessToken: next, issuer: soon.server.origin, clientId: soon.first.clientId });
  t.not(soon.stored().refreshToken, soon.first.refreshToken);
  const form = new URLSearchParams(soon.server.seen.find(({ path }) => path === '/token')?.body);
  t.match(Object.fromEntries(form), { grant_type: 'refresh_token', resource: soon.server.url, scope: 'r' });
  t.equal(await tokens.after('another token', never), first.accessToken, 'somebody has renewed it meanwhile');
  t.equal(server.reused.length, 0);
  t.same(stored(), first);
});

t.test('a refused token is renewed once for all who use it', async (t) => {
  const { home, tokens, first, server, logins, config, refreshes } = await loggedIn(t);
  const others = [tokens, logins.tokens(config)!, world(t, '', home).logins.tokens(config)!];
  const got = await Promise.all(others.map((one) => one.after(first.accessToken, never)));
  t.equal(refreshes(), 1);
  t.equal(new Set(got).size, 1);
  t.ok(server.access.has(got[0] ?? ''));
  t.same(server.reused, []);
});

t.test('an answer without a refresh token leaves the one before in force', async (t) => {
  const { tokens, first, server, stored } = await loggedIn(t, { expiresAt: 1 });
  server.odd.set('/token', () => ({ body: { access_token: 'next', token_type: 'Bearer' } }));
  t.equal(await tokens.current(never), 'next');
  t.match(stored(), { accessToken: 'next', refreshToken: first.refreshToken, expiresAt: null, scopes: ['r'] });
});

t.test('a login that was taken back has to be done again', async (t) => {
  const { tokens, first, server, stored, logins, config, lines, refreshes } = await loggedIn(t);
  server.refresh.clear();
  t.equal(await tokens.after(first.accessToken, never), null);
  t.match(stored(), { accessToken: first.accessToken, refreshToken: null });
  t.match(lines, [/has ended: the authorization server has taken it back. Log in again: codexd mcp login srv/]);
  t.equal(await logins.status(config), 'notLoggedIn');
  t.equal(await tokens.after(first.accessToken, never), null);
  t.equal(refreshes(), 1, 'what is known is not asked again');
});

t.test('a refresh token goes to the authorization server that gave it, and to no other', async (t) => {
  for (const issuer of ['https://other.test', null]) {
    const { home, id, tokens, first, refreshes, logins, config } = await loggedIn(t);
    await changeStoredLogin(home, id, null);
    await changeStoredLogin(home, id, { ...first, issuer, expiresAt: 1 });
    t.equal(await tokens.current(never), first.accessToken);
    t.equal(await tokens.after(first.accessToken, never), null);
    t.equal(refreshes(), 0);
    t.equal(await logins.status(config), 'notLoggedIn');
  }
});

t.test('an authorization server that does not answer is no end of the login', async (t) => {
  const ended = await loggedIn(t, { expiresAt: 1 });
  ended.server.odd.set('/token', () => ({ status: 503, body: '<html>' }));
  await t.rejects(ended.tokens.current(never), {
    code: 'mcp.login',
    message: /of MCP server srv could not be renewed/,
  });
  t.equal(ended.stored().refreshToken, ended.first.refreshToken);
  ended.server.odd.clear();
  t.ok(ended.server.access.has((await ended.tokens.current(never)) ?? ''), 'later it works');
  const soon = await loggedIn(t, { expiresAt: Date.now() + 20_000 });
  soon.server.odd.set('/token', () => ({ status: 503 }));
  t.equal(await soon.tokens.current(never), soon.first.accessToken, 'it still counts for some seconds');
});

t.test('who gives up waiting does not end the renewal', async (t) => {
  const { tokens, server, stored, first, logins } = await loggedIn(t, { expiresAt: 1 });
  const gone = new AbortController();
  let asked = (): void => {};
  const arrived = new Promise<void>((resolve) => (asked = resolve));
  server.odd.set('/token', () => {
    asked();
    return null;
  });
  const waiting = tokens.current(gone.signal);
  gone.abort(new Error('not needed'));
  await t.rejects(waiting, { message: 'not needed' });
  await arrived;
  await logins.close();
  t.not(stored().refreshToken, first.refreshToken);
  t.ok(server.refresh.has(stored().refreshToken ?? ''), 'the token that counts is on disk');
});

t.test('without a login there is no token', async (t) => {
  const { logins } = world(t);
  const tokens = logins.tokens(configOf('http://127.0.0.1:9'))!;
  t.equal(await tokens.current(never), null);
  t.equal(await tokens.after('x', never), null);
});
