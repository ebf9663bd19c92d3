import t from 'tap';
import { RpcError } from '../../../server/errors/rpc-error.js';
import { createExternalTokens } from '../../../server/sessions/account/external-tokens.js';
import { startIssuer } from '../../fixtures/issuer.js';
import { never } from './support.js';

t.test('the client that brought the tokens is asked once for others', async (t) => {
  const issuer = await startIssuer(t);
  const [first, second] = [issuer.token(), issuer.token({ chatgpt_plan_type: 'go' })];
  const tokens = createExternalTokens(() => undefined);
  const asked: unknown[] = [];
  const client = {
    closed: never,
    request: async (...[method, params]: unknown[]) => {
      asked.push([method, params]);
      return { accessToken: second, chatgptAccountId: 'acct-2', chatgptPlanType: null } as never;
    },
  };
  t.equal(await tokens.after(first, never), null, 'nobody brought any');
  tokens.set({ accessToken: first, chatgptAccountId: 'acct-1', chatgptPlanType: 'plus' }, client);
  t.match(tokens.login(), { accountId: 'acct-1', plan: 'plus', email: 'user@example.com', userId: 'user-1' });
  const found = await Promise.all([tokens.after(first, never), tokens.after(first, never)]);
  t.match(found, [{ accessToken: second, accountId: 'acct-2', plan: 'go' }, { accessToken: second }]);
  t.strictSame(asked, [['account/chatgptAuthTokens/refresh', { reason: 'unauthorized', previousAccountId: 'acct-1' }]]);
  t.match(await tokens.after(first, never), { accessToken: second }, 'they are there already');
  t.ok(tokens.clear());
  t.equal(tokens.login(), null);
});

t.test('a client that has no tokens, another workspace, or has gone', async (t) => {
  const issuer = await startIssuer(t);
  const token = issuer.token();
  const gone = new AbortController();
  const tokens = createExternalTokens((accountId) => {
    if (accountId !== 'acct-1') throw new Error('this workspace is not allowed');
  });
  const brought = { accessToken: token, chatgptAccountId: 'acct-1', chatgptPlanType: null };
  t.throws(
    () => tokens.set({ ...brought, accessToken: 'abc' }, { closed: never, request: async () => ({}) as never }),
    {
      message: 'invalid ID token format',
    },
  );
  let answer = (): Promise<never> => Promise.reject(new RpcError('answer.refused', token, { rpcCode: -32000 }));
  tokens.set(brought, { closed: gone.signal, request: () => answer() });
  await t.rejects(tokens.after(token, never), { message: 'auth refresh request failed: code=-32000' });
  answer = async () => ({ accessToken: issuer.token(), chatgptAccountId: 'acct-2', chatgptPlanType: null }) as never;
  await t.rejects(tokens.after(token, never), { message: /not allowed/ });
  answer = () => Promise.reject(new Error('closed'));
  gone.abort();
  await t.rejects(tokens.after(token, never), { message: /has gone: sign in again/ });
  t.match(tokens.login(), { accessToken: token }, 'the tokens stay: they may count elsewhere');
});
