/** Questions of threads that an operator answers, and the dry run of the network policy, over real connections. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { watchOperator, type OperatorPrompt } from '../../../clients/typescript/index.js';
import { proxiedConfig, startDaemon } from '../../fixtures/daemon.js';
import { ask, commands, exec, turnScene, UNLISTED } from '../../fixtures/turn-scene.js';
import { until } from '../../fixtures/until.js';

t.setTimeout(120_000);

const OPERATOR = { experimentalApi: true, extensions: { 'codexd/operator': {} } };
const METHOD = 'item/commandExecution/requestApproval';

t.test('an operator answers a thread about its command and its network, and everybody learns who', async (t) => {
  const s = await turnScene(t, [], {
    tables: '[codexd]\noperators = "answer"\n[codexd.network_audit]\nenabled = true',
    args: ['--log-level', 'info'],
  });
  s.model.push(...commands(exec('c1', ask(UNLISTED, s.upstream.port, '/asked'))));
  const operator = await s.daemon.connect(OPERATOR);
  const seen = new Map<string, OperatorPrompt>();
  t.teardown(
    watchOperator(operator, {
      onPrompts: (all) => all.forEach((prompt) => seen.set(prompt.promptId, prompt)),
      onError: (error) => t.fail(error),
    }),
  );
  const resolved: unknown[] = [];
  const withdrawn: number[] = [];
  s.client.onNotification('serverRequest/resolved', (params) => void resolved.push(params));
  s.client.onRequest(METHOD, (_params, { id, signal }) => {
    signal.addEventListener('abort', () => withdrawn.push(Number(id)));
    return new Promise(() => {});
  });
  const { thread } = await s.client.request('thread/start', { cwd: s.daemon.work, approvalPolicy: 'untrusted' });
  const threadId = thread.id;
  const turn = s.turn(threadId);

  await until(() => seen.size === 1, 'the question about the command');
  const [first] = seen.values();
  t.match(first, { method: METHOD, mayAnswer: true, owner: { kind: 'thread', threadId, itemId: 'c1' } });
  t.match(first?.params, { command: /asked/, itemId: 'c1' });
  const accept = (promptId = '') =>
    operator.request('operator/prompts/answer', { promptId, result: { decision: 'accept' } });
  t.same(await accept(first?.promptId), { settled: true });

  await until(() => seen.size === 2, 'the question about the network');
  const second = [...seen.values()][1];
  t.match(second?.params, { networkApprovalContext: { host: UNLISTED, protocol: 'http' } });
  t.same(await accept(second?.promptId), { settled: true });

  t.match(await turn, { status: 'completed' });
  t.match(s.completed.get('c1'), { status: 'completed', aggregatedOutput: /200 OK/ });
  t.same(s.upstream.hits, ['/asked']);
  t.match(resolved, [{ threadId }, { threadId }], 'the subscriber is told');
  t.equal(withdrawn.length, 2, 'and its handlers end');
  t.same(await accept(second?.promptId), { settled: false });

  const by = { clientName: 'codexd-test' };
  const { data } = await s.client.request('network/decisions/list', { threadId });
  t.match(data, [{ host: UNLISTED, verdict: 'allow', source: 'decider', answeredBy: by }]);
  const audit = fs
    .readFileSync(path.join(s.daemon.home, 'log', 'network-decisions.jsonl'), 'utf8')
    .trim()
    .split('\n');
  t.match(
    audit.map((line) => JSON.parse(line) as unknown),
    [{ host: UNLISTED, answeredBy: data[0]?.answeredBy }],
  );
  const logged = s.daemon.stderr().match(/question answered .*/g);
  t.match(logged, [new RegExp(METHOD), new RegExp(METHOD)]);
});

t.test('an operator that may only look does not answer a thread, whose subscriber does', async (t) => {
  const s = await turnScene(t, []);
  s.model.push(...commands(exec('c1', ask(UNLISTED, s.upstream.port, '/own'))));
  const operator = await s.daemon.connect(OPERATOR);
  let answer: (decision: 'accept') => void = () => {};
  const decision = new Promise<'accept'>((resolve) => (answer = resolve));
  s.client.onRequest(METHOD, async () => ({ decision: await decision }));
  const turn = s.turn(await s.startThread());
  const open = async () => (await operator.request('operator/prompts/list', {})).data;
  await until(async () => (await open()).length === 1, 'the question is listed');
  const [prompt] = await open();
  t.equal(prompt?.mayAnswer, false);
  const request = { promptId: prompt?.promptId ?? '', result: { decision: 'accept' } };
  await t.rejects(operator.request('operator/prompts/answer', request), { message: /operators may only look/ });
  t.same(s.upstream.hits, []);
  answer('accept');
  t.match(await turn, { status: 'completed' });
  t.same(s.upstream.hits, ['/own']);
});

t.test('the dry run of the network policy judges like commands of a profile, a thread and hooks', async (t) => {
  const daemon = await startDaemon({
    config: `approval_policy = "on-request"
${proxiedConfig({ 'allowed.test': 'allow', '*.denied.test': 'deny', 'hooked.test': 'allow' })}
[permissions.test.network.mitm.hooks.reads]
host = "hooked.test"
methods = ["GET"]
path_prefixes = ["/repo/"]
action = ["token"]
[permissions.test.network.mitm.actions.token]
strip_request_headers = ["authorization"]
[permissions.dark.filesystem]
":root" = "read"
`,
  });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const test = (host: string, more: { method?: string; path?: string; profile?: string; threadId?: string } = {}) =>
    client.request('network/policy/test', { host, port: 443, protocol: 'https', ...more });
  const origin = '[permissions.test.network.domains] of the configuration';
  t.match(await test('Allowed.test'), { verdict: 'allow', rule: 'allowed.test', origin });
  t.match(await test('x.denied.test'), { verdict: 'deny', reason: 'denied', rule: '*.denied.test', origin });
  t.match(await test('other.test'), { verdict: 'ask', reason: 'not_allowed', rule: null, source: 'decider' });

  t.match(await test('allowed.test', { profile: 'dark' }), { verdict: 'deny', reason: 'no_network' });
  await t.rejects(test('allowed.test', { profile: 'nobody' }), { message: /nobody/ });

  const hooked = (method: string, place: string) => test('hooked.test', { method, path: place });
  t.match(await hooked('GET', '/repo/a'), { verdict: 'allow' });
  t.match(await hooked('POST', '/repo/a'), { verdict: 'deny', reason: 'mitm_hook_denied', source: 'mode_guard' });
  t.match(await hooked('GET', '/other'), { verdict: 'deny', reason: 'mitm_hook_denied' });

  const { thread } = await client.request('thread/start', { cwd: daemon.work, approvalPolicy: 'never' });
  t.match(await test('other.test', { threadId: thread.id }), { verdict: 'deny', reason: 'not_allowed' });
  await t.rejects(test('other.test', { threadId: randomUUID() }), { message: /thread not found/ });
  t.match(await client.request('network/decisions/list', {}), { data: [] }, 'nothing is recorded');
});
