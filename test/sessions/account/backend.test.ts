import t from 'tap';
import { startIssuer } from '../../fixtures/issuer.js';
import { storeLogin, stored, world } from './support.js';

t.test('a question has the tokens and the workspace, and is asked again with other tokens', async (t) => {
  const issuer = await startIssuer(t);
  const { home, account } = world(t, issuer);
  const get = { method: 'GET', path: '/wham/x' } as const;
  await t.rejects(account.backend.ask(get), { code: 'account.backend', message: /nobody is logged in/ });
  storeLogin(issuer, home);
  const first = stored(home).accessToken;
  issuer.odd.set('/backend-api/wham/x', ({ headers }) =>
    headers.authorization === `Bearer ${first}` ? { status: 401 } : { body: { ok: true } },
  );
  t.strictSame(await account.backend.ask(get), { ok: true });
  t.match(issuer.asked.at(-1), {
    headers: {
      authorization: `Bearer ${stored(home).accessToken}`,
      'chatgpt-account-id': 'acct-1',
      'user-agent': 'test/1',
    },
  });
  await account.backend.ask({ ...get, withoutWorkspace: true });
  t.notOk('chatgpt-account-id' in issuer.asked.at(-1)!.headers);
});

t.test('an answer that cannot be used is an error without tokens', async (t) => {
  const issuer = await startIssuer(t);
  const { home, account } = world(t, issuer);
  storeLogin(issuer, home);
  const post = { method: 'POST', path: '/wham/x', body: { a: 1 } } as const;
  const { accessToken } = stored(home);
  const failure = async (answer: { status?: number; body?: unknown }): Promise<string> => {
    issuer.odd.set('/backend-api/wham/x', () => answer);
    const error: unknown = await account.backend.ask(post).catch((thrown: unknown) => thrown);
    t.match(error, { code: 'account.backend' });
    t.notMatch(String(error), accessToken);
    return String(error);
  };
  const said = await failure({ status: 500, body: 'x'.repeat(5000) });
  t.match(
    said,
    /POST http.*\/backend-api\/wham\/x failed: 500 Internal Server Error; content-type=application\/json; body="x/,
  );
  t.ok(said.length < 1000);
  t.match(await failure({ status: 403, body: { said: `Bearer ${accessToken}` } }), /\[REDACTED\]/);
  t.match(await failure({ status: 302 }), /failed: 302 Found/, 'a redirect is not followed');
  t.match(await failure({ body: 'x'.repeat(2 * 1024 * 1024) }), /larger than 1048576 bytes/);
});
