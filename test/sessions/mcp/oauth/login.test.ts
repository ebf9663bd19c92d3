import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import t from 'tap';
import {
  authorizationServer,
  browse,
  type AuthorizationServer,
  type Odd,
} from '../../../fixtures/authorization-server.js';
import { configOf, REQUEST, world, type World } from './support.js';

/** Why a login fails before the person is asked. */
async function refusal(t: Parameters<typeof world>[0], change: (server: AuthorizationServer) => void, more = '') {
  const server = await authorizationServer(t);
  change(server);
  const { logins } = world(t);
  return logins.login(configOf(server.url, more), REQUEST).then(
    () => 'started',
    (error: Error) => error.message,
  );
}

const METADATA = '/.well-known/oauth-authorization-server';
const answering = (path: string, odd: Odd) => (server: AuthorizationServer) => void server.odd.set(path, () => odd);
const saying = (metadata: AuthorizationServer['metadata']) => (server: AuthorizationServer) =>
  void (server.metadata = metadata);

t.test('an authorization server that cannot be used is refused with the reason', async (t) => {
  const cases: readonly (readonly [string, (server: AuthorizationServer) => void, RegExp])[] = [
    ['no registration', saying({ registration_endpoint: undefined }), /Dynamic client registration not supported/],
    [
      'no S256',
      saying({ code_challenge_methods_supported: ['plain'] }),
      /does not support the required PKCE .*\(S256\)/,
    ],
    [
      'another issuer',
      saying({ issuer: 'https://other.test' }),
      /issuer mismatch: expected .* received https:\/\/other/,
    ],
    ['plain http elsewhere', saying({ token_endpoint: 'http://h.test/token' }), /http:\/\/h\.test\/token is refused/],
    ['no address for a browser', saying({ authorization_endpoint: 'javascript:alert(1)' }), /./],
    ['a file', saying({ authorization_endpoint: 'file:///etc/passwd' }), /file:\/\/\/etc\/passwd is refused/],
    ['no JSON', answering(METADATA, { body: '<html>' }), /the answer is no JSON/],
    ['other JSON', answering(METADATA, { body: { a: 1 } }), /Metadata error: /],
    ['huge', answering(METADATA, { body: 'x'.repeat(2 * 1024 * 1024) }), /larger than 1048576 bytes/],
    ['an error page', answering(METADATA, { status: 500, body: '<html>' }), /Metadata error: HTTP 500/],
    ['nothing', answering(METADATA, { status: 404 }), /names authorization servers .* none published usable metadata/],
    [
      'a redirect elsewhere',
      answering(METADATA, { status: 302, headers: { location: 'https://other.test/' } }),
      /none published usable metadata/,
    ],
    [
      'a refused registration',
      answering('/register', { status: 400, body: { error: 'invalid_redirect_uri' } }),
      /Registration failed: HTTP 400: .*invalid_redirect_uri/,
    ],
    ['a registration without an id', answering('/register', { body: { a: 1 } }), /Registration failed: /],
  ];
  for (const [name, change, expected] of cases) t.match(await refusal(t, change), expected, name);
  t.match(await refusal(t, () => {}, 'oauth = { callback_port = 0 }'), /invalid MCP OAuth callback port `0`/);
});

t.test('a redirect on the same server is followed', async (t) => {
  const moved = (server: AuthorizationServer): void => {
    server.odd.set(METADATA, () => ({ status: 302, headers: { location: '/moved' } }));
    server.odd.set('/moved', () => ({
      body: {
        issuer: server.origin,
        authorization_endpoint: `${server.origin}/authorize`,
        token_endpoint: `${server.origin}/token`,
        registration_endpoint: `${server.origin}/register`,
        response_types_supported: ['code'],
      },
    }));
  };
  t.equal(await refusal(t, moved), 'started');
});

/** Begins a login whose answer the test gives. */
async function begun(t: Parameters<typeof world>[0], settings = '', request = REQUEST) {
  const server = await authorizationServer(t);
  const home: World = world(t, settings);
  const config = configOf(server.url);
  const started = await home.logins.login(config, request);
  const done = started.done.then(
    () => 'logged in',
    (error: Error) => error.message,
  );
  return { ...home, server, config, started, done, asked: new URL(started.authorizationUrl).searchParams };
}

t.test('an answer of another authorization server, and a refused code, store nothing', async (t) => {
  const mixed = await begun(t);
  await browse(`${mixed.asked.get('redirect_uri')}?code=c&state=${mixed.asked.get('state')}&iss=https://evil.test`);
  t.match(await mixed.done, /issuer mismatch: expected .* received https:\/\/evil\.test/);
  t.equal(mixed.logins.stored(mixed.config), null);
  const refused = await begun(t);
  await browse(`${refused.asked.get('redirect_uri')}?code=guessed&state=${refused.asked.get('state')}`);
  t.equal(
    await refused.done,
    'failed to handle OAuth callback: OAuth token exchange failed: Server returned error response: invalid_grant: PKCE',
  );
  t.equal(refused.logins.stored(refused.config), null);
});

t.test('broken answers to the code store nothing', async (t) => {
  for (const odd of [
    { body: '<html>', status: 502 },
    { body: 'no json' },
    { body: { access_token: 1 } },
    { body: 'x'.repeat(2 * 1024 * 1024) },
    { status: 302, headers: { location: 'https://other.test/' } },
  ]) {
    const { server, started, done, logins, config } = await begun(t);
    server.odd.set('/token', () => odd);
    await browse(started.authorizationUrl);
    t.match(await done, /OAuth token exchange failed|larger than/);
    t.equal(logins.stored(config), null);
  }
});

t.test('nobody who comes: the login ends with its time', async (t) => {
  const { done, started } = await begun(t, '', { scopes: null, timeoutMs: 1 });
  t.equal(await done, 'timed out waiting for OAuth callback');
  await t.rejects(browse(started.authorizationUrl), 'the port is free');
});

t.test('an address of the configuration is the one that the browser comes back to', async (t) => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const here = await begun(t, `mcp_oauth_callback_url = "http://localhost:${port}/my/cb"`);
  t.match(here.asked.get('redirect_uri'), new RegExp(`^http://localhost:${port}/my/cb/[\\w-]{12}$`));
  await browse(`http://127.0.0.1:${port}${new URL(here.asked.get('redirect_uri')!).pathname}?code=c&state=no`);
  t.equal(await here.done, 'failed to handle OAuth callback');
  const behind = await begun(t, `mcp_oauth_callback_url = "https://h.test/cb/"\nmcp_oauth_callback_port = ${port}`);
  t.match(behind.asked.get('redirect_uri'), /^https:\/\/h\.test\/cb\/[\w-]{12}$/);
  behind.started.take(new URL(`${behind.asked.get('redirect_uri')}?error=no&state=${behind.asked.get('state')}`));
  t.equal(await behind.done, 'OAuth provider returned `no`');
});

t.test('a file that cannot be used is known before the person is asked', async (t) => {
  const server = await authorizationServer(t);
  const { home, logins } = world(t);
  fs.writeFileSync(path.join(home, '.credentials.json'), '{"broken');
  await t.rejects(logins.login(configOf(server.url), REQUEST), { code: 'mcp.credentials' });
  t.same(server.seen, []);
});

t.test('scopes are words', async (t) => {
  const server = await authorizationServer(t);
  const { logins } = world(t);
  const scope = async (scopes: readonly string[]): Promise<string | null> => {
    const { authorizationUrl } = await logins.login(configOf(server.url, 'scopes = [" "]'), { ...REQUEST, scopes });
    return new URL(authorizationUrl).searchParams.get('scope');
  };
  t.equal(await scope(['a b', '', 'c\n']), 'a b c');
  t.equal(await scope([' ']), 'r', 'what the server names');
});
