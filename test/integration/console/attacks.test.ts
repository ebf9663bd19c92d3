/** What a web page, another program of this machine, or a sandboxed command can try at the console. */
import net from 'node:net';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import { until } from '../../fixtures/until.js';
import { cookieOf, exchange, own, printedToken, send, UPGRADE, type Sent } from './browser.js';

const portOf = ({ url }: TestDaemon): number => Number(new URL(url).port);

async function withConsole(t: Test, args: readonly string[] = [], config = ''): Promise<TestDaemon> {
  const daemon = await startDaemon({ config, args: ['--console', '--log-level', 'debug', ...args] });
  t.teardown(() => daemon.stop());
  await until(() => /^console: .*\n/m.test(daemon.stderr()), 'the link is printed');
  return daemon;
}

t.test('the link works once, and leads to a session', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  const token = printedToken(daemon.stderr());
  t.equal((await send(port, { path: '/console/session' })).status, 401, 'no session yet');

  const entered = await exchange(port, token);
  t.match(entered, { status: 204, headers: { 'cache-control': 'no-store' } });
  const [set = ''] = entered.headers['set-cookie'] ?? [];
  t.match(set, new RegExp(`^codexd_console_${port}=[\\w-]{43}; Path=/console; HttpOnly; SameSite=Strict$`));
  t.notOk(set.includes(token), 'the session is another secret than the link');
  const cookie = cookieOf(entered);

  t.equal((await send(port, { path: '/console/session', headers: { cookie } })).status, 200);
  const socket = { path: '/console/socket', headers: { ...UPGRADE, ...own(port), cookie } };
  t.equal((await send(port, socket)).status, 101);
  t.match(await exchange(port, token), { status: 401, body: /^this link was used: .*codexd console/ });

  const open = new WebSocket(`ws://127.0.0.1:${port}/console/socket`, { headers: { ...own(port), cookie } });
  await new Promise((resolve) => open.once('open', resolve));
  const closed = new Promise((resolve) => open.once('close', (code) => resolve(code)));
  const left = await send(port, { method: 'DELETE', path: '/console/session', headers: { ...own(port), cookie } });
  t.match(left, { status: 204, headers: { 'set-cookie': [/=; .*Max-Age=0$/] } });
  t.equal(await closed, 1008, 'logging out ends the sockets of the session');
  t.equal((await send(port, { path: '/console/session', headers: { cookie } })).status, 401);
  t.equal((await send(port, socket)).status, 401);

  t.notOk(
    daemon
      .stderr()
      .replace(/^console: .*$/m, '')
      .includes(token),
    'no line of the log has the token',
  );
  t.notOk(daemon.stderr().includes(cookie.split('=')[1]!), 'nor the session');
});

t.test('pages of others get nothing', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  const cookie = cookieOf(await exchange(port, printedToken(daemon.stderr())));
  const json = { 'content-type': 'application/json' };
  const socket = { path: '/console/socket' };
  const post: Sent = { method: 'POST', path: '/console/session', body: '{"token":"x"}' };
  const self = own(port);
  const table: readonly (readonly [why: string, sent: Sent, status: number])[] = [
    ['a foreign origin', { ...socket, headers: { ...UPGRADE, cookie, origin: 'https://evil.example' } }, 403],
    ['a sandboxed frame', { ...socket, headers: { ...UPGRADE, cookie, origin: 'null' } }, 403],
    ['an empty origin', { ...socket, headers: { ...UPGRADE, cookie, origin: '' } }, 403],
    ['another port', { ...socket, headers: { ...UPGRADE, cookie, origin: `http://127.0.0.1:${port + 1}` } }, 403],
    ['another scheme', { ...socket, headers: { ...UPGRADE, cookie, origin: `https://127.0.0.1:${port}` } }, 403],
    ['no origin', { ...socket, headers: { ...UPGRADE, cookie } }, 403],
    ['no cookie', { ...socket, headers: { ...UPGRADE, ...self } }, 401],
    ['a wrong cookie', { ...socket, headers: { ...UPGRADE, ...self, cookie: `${cookie}x` } }, 401],
    [
      'the cookie of another port',
      { ...socket, headers: { ...UPGRADE, ...self, cookie: cookie.replace(/_\d+=/, '_1=') } },
      401,
    ],
    [
      'a rebound name, with its own cookie and origin',
      { ...socket, headers: { ...UPGRADE, host: 'evil.example', origin: 'http://evil.example', cookie } },
      403,
    ],
    ['a rebound name reads the page', { headers: { host: `evil.example:${port}` } }, 403],
    ['a rebound name reads a file', { path: '/console/console.js', headers: { host: 'evil.example' } }, 403],
    ['own origin on another path', { path: '/x', headers: { ...UPGRADE, ...self, cookie } }, 403],
    ['own origin on the root', { headers: { ...UPGRADE, ...self, cookie } }, 403],
    ['own origin on health checks', { path: '/readyz', headers: { ...self, cookie } }, 403],
    ['CSRF from another origin', { ...post, headers: { ...json, cookie, origin: 'https://evil.example' } }, 403],
    ['CSRF from a form', { ...post, headers: { 'content-type': 'text/plain', cookie, origin: 'null' } }, 403],
    ['a post without origin', { ...post, headers: json }, 403],
    ['a form of our own origin', { ...post, headers: { 'content-type': 'text/plain', ...self } }, 400],
    ['a wrong token', { ...post, headers: { ...json, ...self } }, 401],
    ['no token', { ...post, body: '{}', headers: { ...json, ...self } }, 400],
    ['no JSON', { ...post, body: '{', headers: { ...json, ...self } }, 400],
    ['a huge body', { ...post, body: `{"token":"${'x'.repeat(9000)}"}`, headers: { ...json, ...self } }, 413],
    ['logging others out', { method: 'DELETE', path: '/console/session', headers: { cookie, origin: 'null' } }, 403],
    ['a preflight', { method: 'OPTIONS', path: '/console/session', headers: { origin: 'https://evil.example' } }, 403],
    ['OPTIONS of our own', { method: 'OPTIONS', path: '/console/session', headers: self }, 405],
    ['PUT', { method: 'PUT', path: '/', headers: self }, 405],
    ['a frame', { headers: { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' } }, 403],
    ['a frame of another port', { headers: { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-site' } }, 403],
    [
      'a script element of another site',
      { path: '/console/console.js', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' } },
      403,
    ],
    [
      'the state of the session, asked from another port',
      { path: '/console/session', headers: { 'sec-fetch-site': 'same-site', cookie } },
      403,
    ],
    ['a token in the query', { path: '/?token=x' }, 400],
    ['a query at a file', { path: '/console/console.js?x' }, 400],
    ['two slashes', { path: '//console/console.js' }, 400],
    ['an encoded letter', { path: '/%63onsole/console.js' }, 400],
    ['dots', { path: '/console/../console/console.js' }, 400],
    ['encoded dots', { path: '/console/%2e%2e/%2e%2e/package.json' }, 400],
    ['a backslash', { path: '/console\\console.js' }, 400],
    ['another case', { path: '/Console/console.js' }, 400],
    ['a slash at the end', { path: '/console/console.js/' }, 400],
    ['a whole URL', { path: 'http://evil.example/' }, 400],
    ['a file that is not there', { path: '/console/index.html' }, 400],
  ];
  for (const [why, sent, status] of table) {
    const answer = await send(port, sent);
    t.equal(answer.status, status, why);
    t.notOk('access-control-allow-origin' in answer.headers, `${why}: no other origin may read it`);
    t.notOk('set-cookie' in answer.headers, `${why}: no session`);
  }
  const fine = { ...socket, headers: { ...UPGRADE, ...self, cookie } };
  t.equal((await send(port, fine)).status, 101, 'the session itself is still good');
});

t.test('the page and its files say that nothing else may use them', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  for (const [path, type, cache] of [
    ['/', 'text/html; charset=utf-8', 'no-store'],
    ['/console/console.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/console/console.css', 'text/css; charset=utf-8', 'no-cache'],
  ] as const) {
    const { status, headers, body } = await send(port, { path });
    t.equal(status, 200, path);
    t.ok(body.length > 0);
    t.match(headers, {
      'content-type': type,
      'cache-control': cache,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
      t.ok(policy.includes(rule), rule);
    }
    t.notMatch(policy.join(), /unsafe|\*|https?:/);
    const head = await send(port, { path, method: 'HEAD' });
    t.match(head, { status: 200, body: '' }, `HEAD ${path}`);
    const { etag } = headers;
    if (etag !== undefined) {
      t.equal((await send(port, { path, headers: { 'if-none-match': etag } })).status, 304, `${path} is kept`);
    }
  }
  const linked = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };
  t.equal((await send(port, { headers: linked })).status, 200, 'a link elsewhere may open the page');
});

t.test('guesses are limited and counted', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await exchange(port, 'guess')).status);
  t.same(statuses.slice(0, 10), Array(10).fill(401));
  t.same(statuses.slice(10), [429, 429]);
  const { body } = await send(port, { path: '/metrics' });
  t.match(body, /codexd_connections_refused_total\{reason="credential"\} 10/);
  t.match(body, /codexd_connections_refused_total\{reason="limit"\} 2/);
});

t.test('a sandboxed command with the host’s network gets neither page nor session nor socket', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  const token = printedToken(daemon.stderr());
  const client = await daemon.connect();
  const heads = [
    `GET / HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\nConnection: close\\r\\n\\r\\n`,
    `POST /console/session HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\nOrigin: http://127.0.0.1:${port}\\r\\nConnection: close\\r\\nContent-Type: application/json\\r\\nContent-Length: 55\\r\\n\\r\\n{"token":"${token}"}`,
    `GET /console/socket HTTP/1.1\\r\\nHost: 127.0.0.1:${port}\\r\\nOrigin: http://127.0.0.1:${port}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n`,
  ];
  for (const head of heads) {
    const result = await client.request('command/exec', {
      command: ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${head}' >&3; timeout 5 head -c 60 <&3`],
      sandboxPolicy: { type: 'readOnly', networkAccess: true },
      timeoutMs: 20_000,
    });
    t.match(result.stdout, /^HTTP\/1\.1 40[13] /, head.slice(0, 24));
  }
  t.equal((await exchange(port, token)).status, 204, 'the link was not used');
});

t.test('with --ws-auth its credential is exchanged', async (t) => {
  const digest = '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8'; // of `password`
  const daemon = await withConsole(t, ['--ws-auth', 'capability-token', '--ws-token-sha256', digest]);
  const port = portOf(daemon);
  t.match(daemon.stderr(), /^console: http:\/\/127\.0\.0\.1:\d+\/ \(sign in with the token of --ws-auth\)$/m);
  t.match(await exchange(port, 'wrong'), { status: 401, body: /sign in with the token of `--ws-auth`/ });
  const cookie = cookieOf(await exchange(port, 'password'));
  t.equal((await send(port, { path: '/console/socket', headers: { ...UPGRADE, ...own(port), cookie } })).status, 101);
  t.equal((await send(port, { path: '/console/socket', headers: { ...UPGRADE, ...own(port) } })).status, 401);
});

t.test('without --console every origin is refused, and there is no page', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const port = portOf(daemon);
  t.equal((await send(port, { path: '/' })).status, 400);
  t.equal((await send(port, { path: '/console/session' })).status, 400);
  for (const path of ['/', '/console/socket', '/console/session']) {
    t.equal((await send(port, { path, headers: { ...UPGRADE, ...own(port) } })).status, 403, path);
  }
  const client = await daemon.connect();
  await t.rejects(client.request('console/link', {}), { message: /no listener serves the console/ });
});

t.test('fresh links are for clients that come without a lent right', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  const client = await daemon.connect();
  const { links } = await client.request('console/link', {});
  t.equal(links.length, 1);
  const [, token = ''] = links[0]!.split('#');
  const cookie = cookieOf(await exchange(port, token));
  const socket = new WebSocket(`ws://127.0.0.1:${port}/console/socket`, { headers: { ...own(port), cookie } });
  await new Promise((resolve) => socket.once('open', resolve));
  const answers: string[] = [];
  socket.on('message', (data) => answers.push((data as Buffer).toString()));
  socket.send(JSON.stringify({ id: 1, method: 'initialize', params: { clientInfo: { name: 'page', version: '0' } } }));
  socket.send(JSON.stringify({ id: 2, method: 'console/link', params: {} }));
  await until(() => answers.length >= 2, 'both answers');
  t.match(answers.join(), /a session of the console makes no links/);
  socket.close();
});

t.test('half a request does not hold the listener', async (t) => {
  const daemon = await withConsole(t);
  const port = portOf(daemon);
  const slow = net.connect(port, '127.0.0.1');
  t.teardown(() => slow.destroy());
  slow.on('error', () => {}).resume();
  slow.write(
    `POST /console/session HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
  );
  const closed = new Promise((resolve) => slow.once('close', resolve));
  t.equal((await send(port, { path: '/console/session' })).status, 401);
  await closed;
});
