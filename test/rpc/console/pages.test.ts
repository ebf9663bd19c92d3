import t from 'tap';
import { ownNames } from '../../../server/rpc/console/own-names.js';
import { createConsole, CONTENT_SECURITY_POLICY } from '../../../server/rpc/console/pages.js';
import { createPages } from '../../../server/rpc/transports/http-pages.js';

const OWN = { host: '127.0.0.1:4500', origin: 'http://127.0.0.1:4500' };

async function scene() {
  const door = createConsole({
    files: new Map([['/', { type: 'text/html; charset=utf-8', body: Buffer.from('<p>'), tag: null }]]),
    names: ownNames(true, []),
    authenticate: null,
    port: () => 4500,
  });
  const refused: string[] = [];
  const pages = await createPages({
    metrics: null,
    judge: ({ method = '', url = '', headers }) => (door.owns(url) ? door.objectionTo({ method, url, headers }) : null),
    console: { door, counted: (_socket, answer) => (answer.refusal && refused.push(answer.refusal), answer) },
  });
  return { door, pages, refused };
}

t.test('a token becomes a cookie that only this listener’s console reads', async (t) => {
  const { door, pages, refused } = await scene();
  const post = (token: string) =>
    pages.inject({ method: 'POST', url: '/console/session', headers: OWN, payload: { token } });
  const entered = await post(door.newLink(1000));
  t.equal(entered.statusCode, 204);
  const [cookie] = entered.cookies;
  t.match(cookie, { name: 'codexd_console_4500', path: '/console', httpOnly: true, sameSite: 'Strict' });
  const headers = { ...OWN, cookie: `other=1; codexd_console_4500=planted; codexd_console_4500=${cookie!.value}` };
  t.equal((await pages.inject({ url: '/console/session', headers })).statusCode, 200, 'a planted cookie is harmless');
  t.equal((await pages.inject({ url: '/console/session', headers: OWN })).statusCode, 401);
  t.equal((await post('guess')).statusCode, 401);
  t.same(refused, ['credential'], 'guesses are counted');
});

t.test('through a proxy with TLS the cookie stays there', async (t) => {
  const names = ownNames(true, ['https://codexd.example.com']);
  const door = createConsole({ files: new Map(), names, authenticate: null, port: () => 4500 });
  const pages = await createPages({
    metrics: null,
    judge: () => null,
    console: { door, counted: (_, answer) => answer },
  });
  const { cookies } = await pages.inject({
    method: 'POST',
    url: '/console/session',
    headers: { host: 'codexd.example.com', origin: 'https://codexd.example.com' },
    payload: { token: door.newLink(1000) },
  });
  t.match(cookies, [{ secure: true }]);
});

t.test('a socket needs its own path, host, origin, and a session', async (t) => {
  const { door } = await scene();
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'x',
  };
  const judge = (url: string, headers: Record<string, string>) => door.judgeSocket({ method: 'GET', url, headers });
  t.equal(judge('/', { ...OWN, ...upgrade }), null, 'another path is not the console’s');
  t.match(judge('/console/socket', { ...upgrade, host: OWN.host }), { status: 403, refusal: 'origin' });
  t.match(judge('/console/socket', { ...upgrade, ...OWN, host: 'x.example' }), { status: 403, refusal: 'host' });
  t.match(judge('/console/socket', { ...upgrade, ...OWN }), { status: 401, refusal: 'credential' });
  t.match(judge('/console/socket', OWN), { status: 400 });
});

t.test('the policy of the page allows nothing from elsewhere', async (t) => {
  t.notMatch(CONTENT_SECURITY_POLICY, /unsafe|\*|https?:/);
});
