import t from 'tap';
import { loginAtServer } from '../../../server/sessions/methods/mcp-login.js';
import type { McpLogins } from '../../../server/sessions/mcp/oauth/index.js';
import { invalidRequest } from '../../../server/errors/rpc-error.js';
import { until } from '../../fixtures/until.js';
import { configOf } from '../mcp/oauth/support.js';
import { configOf as processOf, noLogins } from '../mcp/support.js';

type Params = Parameters<typeof loginAtServer>[1];
const NOTHING = { environmentId: null, threadId: null, clientRegistration: null, scopes: null, timeoutSecs: null };

/** A login whose end the test decides. */
function asking(login: McpLogins['login']) {
  const sent: unknown[] = [];
  let reloads = 0;
  const deps = {
    logins: { ...noLogins(), login },
    outbox: { broadcast: (method: string, params: unknown) => void sent.push([method, params]) },
    reloadServers: () => {
      reloads++;
      throw invalidRequest('the configuration is broken');
    },
  };
  const configs = [configOf('https://h.test/mcp', '', 'http'), processOf('', 'process')];
  const ask = (params: Partial<Params> & { readonly name: string }) =>
    loginAtServer(deps, { ...NOTHING, ...params }, configs, (work) => work());
  return { ask, sent, reloads: () => reloads };
}
const started = (done: Promise<void>) => ({ authorizationUrl: 'https://as.test/authorize', take: () => false, done });

t.test('every client gets the end of a login, and servers that waited for it start', async (t) => {
  const { ask, sent, reloads } = asking((_config, request) => {
    t.same(request, { scopes: ['a'], timeoutMs: 7_000 });
    return Promise.resolve(started(Promise.resolve()));
  });
  const { authorizationUrl, loginId } = await ask({ name: 'http', scopes: ['a'], timeoutSecs: 7 });
  t.equal(authorizationUrl, 'https://as.test/authorize');
  await until(() => reloads() === 1, 'servers start');
  t.same(sent, [['mcpServer/oauthLogin/completed', { name: 'http', threadId: null, loginId, success: true }]]);
});

t.test('the end of a login that fails has the reason', async (t) => {
  const { ask, sent, reloads } = asking(() => Promise.resolve(started(Promise.reject(new Error('denied')))));
  const { loginId } = await ask({ name: 'http' });
  await until(() => sent.length === 1, 'the notification of the end');
  t.match(sent, [[String, { name: 'http', loginId, success: false, error: 'denied' }]]);
  t.equal(reloads(), 0);
});

t.test('what nobody can log in to is refused in the words of the official program', async (t) => {
  const { ask, sent } = asking(() => Promise.reject(new Error('no metadata')));
  await t.rejects(ask({ name: 'x' }), { rpcCode: -32600, message: "No MCP server named 'x' found." });
  await t.rejects(ask({ name: 'process' }), {
    rpcCode: -32600,
    message: 'OAuth login is only supported for streamable HTTP servers.',
  });
  await t.rejects(ask({ name: 'http' }), {
    rpcCode: -32603,
    message: "failed to login to MCP server 'http': no metadata",
  });
  await t.rejects(ask({ name: 'http', clientRegistration: 'cimd' }), { rpcCode: -32603, message: /oauth\.client_id/ });
  t.same(sent, []);
});
