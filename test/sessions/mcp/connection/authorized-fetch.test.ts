import t from 'tap';
import { authorizedFetch, Unauthorized } from '../../../../server/sessions/mcp/connection/authorized-fetch.js';
import type { AccessTokens } from '../../../../server/sessions/mcp/shape/connection.js';

/** A server that takes some tokens. */
function taking(...good: readonly string[]) {
  const sent: (string | null)[] = [];
  const fetch = (_url: string | URL, init?: RequestInit): Promise<Response> => {
    const token = new Headers(init?.headers).get('authorization');
    sent.push(token);
    const ok = token !== null && good.some((one) => token === `Bearer ${one}`);
    return Promise.resolve(
      new Response('body', { status: ok ? 200 : 401, headers: ok ? {} : { 'www-authenticate': 'Bearer realm="x"' } }),
    );
  };
  return { sent, fetch };
}
const tokens = (current: string | null, after: string | null): AccessTokens => ({
  current: () => Promise.resolve(current),
  after: () => Promise.resolve(after),
});

t.test('the token is sent, and another one once if the server refuses it', async (t) => {
  const server = taking('new');
  const answer = await authorizedFetch(server.fetch, tokens('old', 'new'))('http://h.test', { headers: { a: '1' } });
  t.equal(answer.status, 200);
  t.same(server.sent, ['Bearer old', 'Bearer new']);
});

t.test('what stays refused is an error with the challenge', async (t) => {
  const server = taking();
  for (const source of [null, tokens(null, null), tokens('old', null), tokens('old', 'new')]) {
    await t.rejects(authorizedFetch(server.fetch, source)('http://h.test'), new Unauthorized('Bearer realm="x"'));
  }
  t.same(server.sent, [null, null, 'Bearer old', 'Bearer old', 'Bearer new']);
  const bare = () => Promise.resolve(new Response(null, { status: 401 }));
  await t.rejects(authorizedFetch(bare, null)('http://h.test'), new Unauthorized(null));
});

t.test('without tokens the configured headers are sent as they are', async (t) => {
  const server = taking('own');
  const headers = { authorization: 'Bearer own' };
  t.equal((await authorizedFetch(server.fetch, null)('http://h.test', { headers })).status, 200);
});
