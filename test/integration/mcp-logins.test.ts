/** Logins at MCP servers, with daemons as processes: threads, one renewal for all of a home, and a killed daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { authorizationServer, browse, type AuthorizationServer } from '../fixtures/authorization-server.js';
import { rawHome, type RawDaemon, type RawHome } from '../fixtures/raw-daemon.js';
import { until } from '../fixtures/until.js';

t.setTimeout(240_000);

async function logIn(daemon: RawDaemon): Promise<void> {
  const { authorizationUrl, loginId } = await daemon.call('mcpServer/oauth/login', { name: 'lab' });
  await browse(authorizationUrl);
  const { params } = await daemon.next(
    ({ method, params: told }) => method === 'mcpServer/oauthLogin/completed' && told.loginId === loginId,
  );
  if (params.success !== true) throw new Error(`the login failed: ${params.error}`);
}

/** Changes the stored login as time would. */
function expire({ home }: RawHome): void {
  const file = path.join(home, '.credentials.json');
  const entries = JSON.parse(fs.readFileSync(file, 'utf8'));
  for (const key of Object.keys(entries)) entries[key].expires_at = 1;
  fs.writeFileSync(file, JSON.stringify(entries));
}

const statusOf = async (daemon: RawDaemon, threadId: string | null = null) =>
  (await daemon.call('mcpServerStatus/list', { threadId, detail: 'toolsAndAuthOnly' })).data[0];
const started = (status: string) => (message: RawDaemon['messages'][number]) =>
  message.method === 'mcpServer/startupStatus/updated' && message.params.status === status;
const echo = (daemon: RawDaemon, threadId: string) =>
  daemon.call('mcpServer/tool/call', { threadId, server: 'lab', tool: 'echo', arguments: {} });
const renewals = ({ seen }: AuthorizationServer): number =>
  seen.filter(({ path: asked, body }) => asked === '/token' && body.includes('refresh_token')).length;

const table = (url: string): string => `[mcp_servers.lab]\nurl = "${url}"\n`;

t.test('a loaded thread gets its server with the login, and the person learns what a refusal means', async (t) => {
  const server = await authorizationServer(t);
  const place = rawHome(t, table(server.url));
  const daemon = await place.start();
  const threadId = (await daemon.call('thread/start', { cwd: place.work })).thread.id;
  t.match((await daemon.next(started('failed'))).params, {
    error: 'The lab MCP server is not logged in. Run `codex mcp login lab`.',
    failureReason: null,
  });
  t.match(await statusOf(daemon, threadId), { runtimeStatus: 'authenticationRequired', authStatus: 'notLoggedIn' });
  await logIn(daemon);
  await daemon.next(started('ready'));
  t.match(await statusOf(daemon, threadId), { runtimeStatus: 'connected', authStatus: 'oAuth', tools: { echo: {} } });
  server.access.clear();
  t.match(await echo(daemon, threadId), { content: [{ text: 'done' }] }, 'a refused token is renewed');
  server.access.clear();
  server.refresh.clear();
  t.match(await echo(daemon, threadId), {
    isError: true,
    content: [{ text: 'Authentication required' }],
    _meta: { 'mcp/www_authenticate': ['Bearer realm="test"'] },
  });
  t.match(await statusOf(daemon, threadId), { authStatus: 'notLoggedIn' });
  const from = daemon.messages.length;
  await daemon.call('thread/start', { cwd: place.work });
  t.match((await daemon.next(started('failed'), from)).params, {
    error: 'The lab MCP server requires OAuth reauthentication. Run `codex mcp login lab`.',
    failureReason: 'reauthenticationRequired',
  });
  await logIn(daemon);
  t.match(await echo(daemon, threadId), { content: [{ text: 'done' }] }, 'the thread goes by the new login');
  t.same(server.reused, []);
});

t.test('a thread takes over a login that another daemon has done', async (t) => {
  const server = await authorizationServer(t);
  const place = rawHome(t, table(server.url));
  const [daemon, other] = [await place.start(), await place.start()];
  const threadId = (await daemon.call('thread/start', { cwd: place.work })).thread.id;
  await daemon.next(started('failed'));
  await logIn(other);
  t.match(await echo(daemon, threadId), { content: [{ text: 'done' }] });
  t.match(await statusOf(daemon, threadId), { runtimeStatus: 'connected', authStatus: 'oAuth' });
});

t.test('daemons that need a new token at the same time ask for one', async (t) => {
  const server = await authorizationServer(t);
  const place = rawHome(t, table(server.url));
  const daemons = await Promise.all([place.start(), place.start(), place.start()]);
  await logIn(daemons[0]);
  expire(place);
  const seen = await Promise.all([...daemons, ...daemons].map((daemon) => statusOf(daemon)));
  for (const status of seen) t.match(status, { authStatus: 'oAuth', toolsError: null, tools: { echo: {} } });
  t.equal(renewals(server), 1);
  t.same(server.reused, []);
});

t.test('a daemon that is killed while it renews loses no token', async (t) => {
  const server = await authorizationServer(t);
  const place = rawHome(t, table(server.url));
  const [killed, other] = [await place.start(), await place.start()];
  await logIn(killed);
  expire(place);
  server.odd.set('/token', () => ({ hold: true }));
  const before = fs.readFileSync(path.join(place.home, '.credentials.json'), 'utf8');
  void killed.request('mcpServerStatus/list', {}).catch(() => undefined);
  await until(() => renewals(server) === 1, 'the daemon asks for a new token');
  process.kill(killed.pid, 'SIGKILL');
  server.odd.clear();
  t.match(await statusOf(other), { authStatus: 'oAuth', toolsError: null }, 'the lock is free, the token counts');
  t.same(server.reused, []);
  t.not(fs.readFileSync(path.join(place.home, '.credentials.json'), 'utf8'), before);
  t.equal(fs.statSync(path.join(place.home, '.credentials.json')).mode & 0o777, 0o600);
});
