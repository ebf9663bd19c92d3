import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  changeStoredLogin,
  credentialsKey,
  readStoredLogin,
  whileRefreshing,
  type StoredLogin,
} from '../../../../server/sessions/mcp/oauth/credentials-file.js';
import { isForUserAlone } from '../../../fixtures/for-user-alone.js';

const server = { name: 'lab', url: 'http://127.0.0.1:47101/mcp' };
const login: StoredLogin = {
  serverName: 'lab',
  serverUrl: server.url,
  issuer: 'http://127.0.0.1:47101',
  clientId: 'client-1',
  accessToken: 'access-2',
  expiresAt: 1796064498570,
  refreshToken: 'refresh-3',
  scopes: ['granted.s'],
};

t.test('the file is that of the official program', async (t) => {
  const home = t.testdir({});
  const file = path.join(home, '.credentials.json');
  t.equal(readStoredLogin(home, server), null);
  t.equal(await changeStoredLogin(home, server, login), false);
  // As the official program wrote it for the same login.
  t.equal(
    fs.readFileSync(file, 'utf8'),
    '{"lab|8f84e86779c90cf7":{"server_name":"lab","server_url":"http://127.0.0.1:47101/mcp","issuer":"http://127.0.0.1:47101","client_id":"client-1","access_token":"access-2","expires_at":1796064498570,"refresh_token":"refresh-3","scopes":["granted.s"]}}',
  );
  t.ok(await isForUserAlone(file));
  t.same(readStoredLogin(home, server), login);
  t.equal(await changeStoredLogin(home, server, null), true);
  t.equal(await changeStoredLogin(home, server, null), false);
  t.equal(readStoredLogin(home, server), null);
});

t.test('what codexd does not know stays', async (t) => {
  const home = t.testdir({});
  const file = path.join(home, '.credentials.json');
  const key = credentialsKey(server);
  fs.writeFileSync(file, JSON.stringify({ other: { a: 1 }, [key]: { client_id: 'c', access_token: 'a', future: 2 } }));
  t.match(readStoredLogin(home, server), { clientId: 'c', issuer: null, expiresAt: null, refreshToken: null });
  await changeStoredLogin(home, server, { ...login, expiresAt: null, refreshToken: null });
  const now = JSON.parse(fs.readFileSync(file, 'utf8'));
  t.same(now.other, { a: 1 });
  t.match(now[key], { future: 2, access_token: 'access-2', refresh_token: null, expires_at: null });
  await changeStoredLogin(home, server, null);
  t.same(JSON.parse(fs.readFileSync(file, 'utf8')), { other: { a: 1 } });
});

t.test('a file that is broken is an error without its content, and is not overwritten', async (t) => {
  for (const text of ['{"secret-token', '[]', '"x"']) {
    const home = t.testdir({ '.credentials.json': text });
    t.throws(() => readStoredLogin(home, server), { code: 'mcp.credentials' });
    const error = await changeStoredLogin(home, server, login).then(
      () => null,
      (thrown: Error) => thrown,
    );
    t.match(error, { code: 'mcp.credentials' });
    t.notMatch(JSON.stringify([error?.message, error?.cause ?? null]), /secret-token/);
    t.equal(fs.readFileSync(path.join(home, '.credentials.json'), 'utf8'), text);
  }
  const odd = t.testdir({ '.credentials.json': JSON.stringify({ [credentialsKey(server)]: { access_token: 1 } }) });
  t.equal(readStoredLogin(odd, server), null);
  t.equal(readStoredLogin(t.testdir({ '.credentials.json': ' ' }), server), null);
});

t.test('changes at the same time are all made', async (t) => {
  const home = t.testdir({});
  const servers = Array.from({ length: 8 }, (_, n) => ({ name: `s${n}`, url: 'http://h.test' }));
  await Promise.all(servers.map((one) => changeStoredLogin(home, one, { ...login, serverName: one.name })));
  for (const one of servers) t.equal(readStoredLogin(home, one)?.serverName, one.name);
});

t.test('one refreshes at a time', async (t) => {
  const home = t.testdir({});
  let [inside, most] = [0, 0];
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all([1, 2, 3].map(() => whileRefreshing(home, server, work)));
  t.equal(most, 1);
});
