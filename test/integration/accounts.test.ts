/** Logins with an account, with daemons as processes: turns, one renewal for all of a home, exchange with others. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { rawHome, type RawDaemon, type RawHome } from '../fixtures/raw-daemon.js';
import { signIn, startIssuer, type Issuer } from '../fixtures/issuer.js';
import { storeLogin } from '../sessions/account/support.js';

t.setTimeout(240_000);

const configOf = ({ origin }: Issuer): string => `model_provider = "lab"
chatgpt_base_url = "${origin}/backend-api"
[model_providers.lab]
name = "lab"
base_url = "${origin}/v1"
wire_api = "responses"
requires_openai_auth = true
request_max_retries = 0
stream_max_retries = 0
[codexd.login]
issuer = "${origin}"
`;

async function stage(t: Test): Promise<{ issuer: Issuer; place: RawHome; daemon: RawDaemon; file: string }> {
  const issuer = await startIssuer(t);
  const place = rawHome(t, configOf(issuer));
  return { issuer, place, daemon: await place.start(), file: path.join(place.home, 'auth.json') };
}

/** Runs a turn to its end. */
async function turn(daemon: RawDaemon, { work }: RawHome, id?: string): Promise<{ id: string; status: string }> {
  const threadId = id ?? (await daemon.call('thread/start', { cwd: work })).thread.id;
  const from = daemon.messages.length;
  await daemon.call('turn/start', { threadId, input: [{ type: 'text', text: 'hello' }] });
  const { params } = await daemon.next(({ method }) => method === 'turn/completed', from);
  return { id: threadId, status: params.turn.error?.message ?? params.turn.status };
}

const told = (method: string) => (message: { readonly method?: string }) => message.method === method;

t.test('a login with a browser, then a turn with its tokens and its limits', async (t) => {
  const { issuer, place, daemon, file } = await stage(t);
  const { type, authUrl, loginId } = await daemon.call('account/login/start', { type: 'chatgpt' });
  t.equal(type, 'chatgpt');
  await signIn(authUrl);
  t.match((await daemon.next(told('account/login/completed'))).params, { loginId, success: true, error: null });
  t.strictSame((await daemon.next(told('account/updated'))).params, {
    authMode: 'chatgpt',
    planType: 'pro',
    reason: null,
  });
  t.match(await daemon.call('account/read', {}), {
    account: { type: 'chatgpt', email: 'user@example.com', planType: 'pro', workspaceName: null },
    userId: 'user-1',
    requiresOpenaiAuth: true,
    workspaceRouting: null,
  });
  issuer.headers['x-codex-primary-used-percent'] = '12.5';
  const { id, status } = await turn(daemon, place);
  t.equal(status, 'completed');
  const asked = issuer.asked.at(-1)!;
  const { access_token: access } = JSON.parse(fs.readFileSync(file, 'utf8')).tokens;
  t.match(asked.headers, { authorization: `Bearer ${access}`, 'chatgpt-account-id': 'acct-1' });
  const { params } = await daemon.next(told('account/rateLimits/updated'));
  t.match(params, { rateLimits: { limitId: 'codex', primary: { usedPercent: 13 } } });
  issuer.access.clear();
  t.equal((await turn(daemon, place, id)).status, 'completed', 'a refused token is renewed');
  issuer.access.clear();
  issuer.refresh.clear();
  t.match((await turn(daemon, place, id)).status, /login with the account has ended/);
  t.match(await daemon.call('account/read', {}), { account: null });
  t.match(await daemon.call('account/logout'), {});
  t.notOk(fs.existsSync(file));
});

t.test('a login that is cancelled, one that another replaces, and one with a device code', async (t) => {
  const { issuer, daemon } = await stage(t);
  const start = (type: string) => daemon.call('account/login/start', { type });
  const ended = async (loginId: string) =>
    (await daemon.next((one) => one.method === 'account/login/completed' && one.params.loginId === loginId)).params;
  const first = await start('chatgpt');
  const second = await start('chatgpt');
  t.match(await ended(first.loginId), { success: false, error: 'Login server error: Login cancelled' });
  t.match(await daemon.call('account/login/cancel', { loginId: second.loginId }), { status: 'canceled' });
  t.match(await ended(second.loginId), { success: false, error: 'Login server error: Login was not completed' });
  t.match(await daemon.call('account/login/cancel', { loginId: second.loginId }), { status: 'notFound' });
  issuer.odd.set('/api/accounts/deviceauth/usercode', () => ({ status: 404 }));
  t.match(await daemon.request('account/login/start', { type: 'chatgptDeviceCode' }), {
    error: { code: -32600, message: /device code login is not enabled/ },
  });
  issuer.odd.clear();
  const device = await start('chatgptDeviceCode');
  t.match(device, { verificationUrl: `${issuer.origin}/codex/device`, userCode: 'ABCD-1234' });
  t.match(await ended(device.loginId), { success: true });
  t.match(await daemon.call('getAuthStatus', { includeToken: false }), { authMethod: 'chatgpt', authToken: null });
});

t.test('tokens of the client are on no disk, and the client is asked for others', async (t) => {
  const { issuer, place, daemon, file } = await stage(t);
  const [first, second] = [issuer.token(), issuer.token()];
  issuer.access.add(first);
  const tokens = { accessToken: first, chatgptAccountId: 'acct-1' };
  t.match(await daemon.request('account/login/start', { type: 'chatgptAuthTokens', ...tokens, accessToken: 'x' }), {
    error: { code: -32603, message: 'failed to set external auth: invalid ID token format' },
  });
  t.strictSame(await daemon.call('account/login/start', { type: 'chatgptAuthTokens', ...tokens }), {
    type: 'chatgptAuthTokens',
  });
  t.match((await daemon.next(told('account/updated'))).params, { authMode: 'chatgptAuthTokens', planType: 'pro' });
  t.notOk(fs.existsSync(file));
  t.match(await daemon.request('account/login/start', { type: 'apiKey', apiKey: 'sk-1' }), {
    error: { code: -32600, message: /^External auth is active\./ },
  });
  const { id, status } = await turn(daemon, place);
  t.equal(status, 'completed');
  issuer.access.delete(first);
  issuer.access.add(second);
  const asking = turn(daemon, place, id);
  const asked = await daemon.next(told('account/chatgptAuthTokens/refresh'));
  t.strictSame(asked.params, { reason: 'unauthorized', previousAccountId: 'acct-1' });
  daemon.answer(asked.id!, {
    result: { accessToken: second, chatgptAccountId: 'acct-1', chatgptPlanType: 'plus' },
  });
  t.equal((await asking).status, 'completed');
  t.match(await daemon.call('account/read', {}), { account: { planType: 'plus' } });
  t.notOk(fs.existsSync(file));
});

t.test('two daemons of a home use a refresh token once', async (t) => {
  const { issuer, place, daemon } = await stage(t);
  storeLogin(issuer, place.home);
  const other = await place.start();
  const threads = [await turn(daemon, place), await turn(other, place)];
  t.strictSame(
    threads.map(({ status }) => status),
    ['completed', 'completed'],
  );
  issuer.access.clear();
  issuer.renewalMs = 200;
  const again = await Promise.all([turn(daemon, place, threads[0]!.id), turn(other, place, threads[1]!.id)]);
  t.strictSame(
    again.map(({ status }) => status),
    ['completed', 'completed'],
  );
  t.equal(issuer.count('/oauth/token'), 1);
  t.strictSame(issuer.reused, []);
});

t.test('the services that know the account are asked where the configuration names them', async (t) => {
  const { issuer, place, daemon } = await stage(t);
  t.match(await daemon.request('account/rateLimits/read', {}), {
    error: { code: -32600, message: 'codex account authentication required to read rate limits' },
  });
  storeLogin(issuer, place.home);
  t.match(await daemon.request('account/rateLimits/read', {}), {
    error: { code: -32603, message: /^failed to fetch codex rate limits: GET http.*wham\/usage failed: 404 Not Found/ },
  });
  t.match(await daemon.call('account/workspaceMessages/read'), { featureEnabled: false, messages: [] });
  t.match(await daemon.call('account/securitySetup/read'), { notice: null });
  const at = (suffix: string, body: unknown) => issuer.odd.set(`/backend-api${suffix}`, () => ({ body }));
  at('/wham/rate-limit-reset-credits/consume', { code: 'no_credit' });
  t.match(await daemon.call('account/rateLimitResetCredit/consume', { idempotencyKey: 'k', creditId: 'c' }), {
    outcome: 'noCredit',
  });
  t.strictSame(JSON.parse(issuer.asked.at(-1)!.body), { redeem_request_id: 'k', credit_id: 'c' });
  const workspace = (id: string) => ({ id, name: `Name of ${id}`, structure: 'workspace' });
  at('/wham/accounts/check', { accounts: [workspace('acct-1'), workspace('acct-2')] });
  const { sessions } = await daemon.call('accountSession/list', { refreshWorkspaceMetadata: true });
  t.match(sessions[0], { isActive: true, selectedWorkspaceAccountId: 'acct-1', workspaces: { length: 2 } });
  const { sessionId } = sessions[0];
  const change = (accountId: string, id = sessionId) =>
    daemon.request('accountSession/switch', { sessionId: id, accountId });
  t.match(await change('acct-2', 'x'), {
    error: { message: 'Only the active managed account session can be switched' },
  });
  t.match(await change('acct-9'), { error: { message: 'The selected workspace is unavailable' } });
  t.match(await change('acct-2'), { error: { message: 'Workspace switch was rejected (HTTP 404 Not Found)' } });
  const next = issuer.token({ chatgpt_account_id: 'acct-2' });
  issuer.access.add(next);
  at('/accounts/switch-workspace-token', { access_token: next });
  t.match(await change('acct-2'), { result: { sessions: [{ selectedWorkspaceAccountId: 'acct-2' }] } });
  t.match((await daemon.next(told('account/updated'))).params, { authMode: 'chatgpt' });
  const { tokens } = JSON.parse(fs.readFileSync(path.join(place.home, 'auth.json'), 'utf8'));
  t.match(tokens, { access_token: next, account_id: 'acct-2', refresh_token: 'refresh-0' });
});
