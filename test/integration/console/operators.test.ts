/** Clients that declare the capability see the commands and questions of others, and act on them if they may. */
import t, { type Test } from 'tap';
import { NETWORK_APPROVAL_CAPABILITY, watchOperator, type Client } from '../../../clients/typescript/index.js';
import type { OperatorCommand } from '../../../schema/protocol/operator/commands.js';
import { proxiedConfig, startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import { ask } from '../../fixtures/turn-scene.js';
import { until } from '../../fixtures/until.js';

const OPERATOR = { experimentalApi: true, extensions: { 'codexd/operator': {} } };
const ASKED = { experimentalApi: true, extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} } };

async function scene(t: Test, config: string): Promise<TestDaemon> {
  const daemon = await startDaemon({ config, args: ['--log-level', 'info'] });
  t.teardown(() => daemon.stop());
  return daemon;
}

const listed = async (client: Client): Promise<OperatorCommand[]> =>
  (await client.request('operator/commands/list', {})).data;

t.test('an operator lists, watches, writes to and ends the command of another connection', async (t) => {
  const daemon = await scene(t, '[codexd]\noperators = "answer"');
  const [owner, operator] = [await daemon.connect(), await daemon.connect(OPERATOR)];
  const changed: OperatorCommand[] = [];
  let output = '';
  operator.onNotification('operator/commands/changed', ({ data }) => void changed.push(...data));
  operator.onNotification(
    'operator/commands/output',
    ({ delta }) => void (output += Buffer.from(delta, 'base64').toString()),
  );
  const result = owner.request('command/exec', {
    command: ['sh', '-c', 'echo before; read line; echo got $line; sleep 60'],
    processId: 'p',
    streamStdin: true,
    disableTimeout: true,
  });
  await until(async () => (await listed(operator))[0]?.outputBytes === 7, 'it is listed with its output');
  const [command] = await listed(operator);
  t.match(command, {
    owner: { kind: 'connection', clientName: 'codexd-test', processId: 'p' },
    program: 'sh',
    command: ['sh', '-c', /^echo before/],
    network: { access: 'offline', lane: null },
    sandboxed: true,
    terminal: false,
    stdin: true,
    state: 'running',
    end: null,
  });
  const { commandId } = command!;
  t.match(await operator.request('operator/commands/watch', { commandId }), {
    output: Buffer.from('before\n').toString('base64'),
    skippedBytes: 0,
    columns: null,
  });
  await operator.request('operator/commands/write', { commandId, data: Buffer.from('hi\n').toString('base64') });
  await until(() => output === 'got hi\n', 'the output comes');
  const { data: tree } = await operator.request('operator/commands/tree', { commandId });
  t.ok(
    tree.some(({ program }) => program === 'sleep' || program === 'sh'),
    JSON.stringify(tree),
  );
  await t.rejects(operator.request('operator/commands/resize', { commandId, size: { rows: 1, cols: 1 } }), {
    message: 'the command has no terminal',
  });

  t.same(await operator.request('operator/commands/terminate', { commandId }), { terminated: true });
  t.match(await result, { exitCode: 137 });
  await until(() => changed.some(({ state }) => state === 'ended'), 'its end is reported');
  t.match(changed.at(-1), { commandId, state: 'ended', end: { cause: 'terminate', exitCode: 137, denial: null } });
  t.same(await operator.request('operator/commands/terminate', { commandId }), { terminated: false });
  t.match(daemon.stderr(), /an operator ends a command .*client="?codexd-test/);
  t.match(await operator.request('operator/overview/read', {}), {
    pid: daemon.process.pid,
    may: 'answer',
    listeners: [daemon.url],
    counts: { connections: 2, runningCommands: 0, commandsStarted: 1 },
  });
  t.match(await operator.request('operator/connections/list', {}), {
    data: [
      { transport: 'websocket', peer: /^127\.0\.0\.1:\d+$/, clientName: 'codexd-test', operator: false },
      { operator: true },
    ],
  });
});

t.test('the question of another connection is answered by an operator, who is kept with the decision', async (t) => {
  const daemon = await scene(t, `${proxiedConfig()}\n[codexd]\noperators = "answer"`);
  const [owner, operator] = [await daemon.connect(ASKED), await daemon.connect(OPERATOR)];
  const opened: { promptId: string; mayAnswer: boolean; method: string }[] = [];
  const settled: unknown[] = [];
  const resolved: unknown[] = [];
  const decided: { host: string; answeredBy?: unknown }[] = [];
  operator.onNotification('operator/prompts/opened', ({ prompt }) => void opened.push(prompt));
  operator.onNotification('operator/prompts/settled', (params) => void settled.push(params));
  operator.onNotification('operator/network/decided', ({ data }) => void decided.push(...data));
  owner.onNotification('network/requestApproval/resolved', (params) => void resolved.push(params));
  owner.onRequest('network/requestApproval', () => new Promise(() => {}));
  const result = owner.request('command/exec', {
    command: [
      'bash',
      '-c',
      `exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}; printf 'GET http://asked.example/ HTTP/1.1\\r\\nHost: asked.example\\r\\n\\r\\n' >&3; cat <&3`,
    ],
    timeoutMs: 30_000,
  });
  await until(() => opened.length === 1, 'the question is open');
  t.match(opened[0], {
    method: 'network/requestApproval',
    mayAnswer: true,
    owner: { kind: 'connection', clientName: 'codexd-test' },
    params: { host: 'asked.example', port: 80 },
  });
  const { promptId } = opened[0]!;
  t.match(await operator.request('operator/prompts/list', {}), { data: [{ promptId }] });
  await t.rejects(operator.request('operator/prompts/answer', { promptId, result: { decision: 'perhaps' } }), {
    message: /^invalid result for network\/requestApproval/,
  });
  t.same(await operator.request('operator/prompts/answer', { promptId, result: { decision: 'decline' } }), {
    settled: true,
  });
  t.same(await operator.request('operator/prompts/answer', { promptId, result: { decision: 'accept' } }), {
    settled: false,
  });
  t.match(await result, { networkDenial: { host: 'asked.example', source: 'decider' } });
  const by = { clientName: 'codexd-test' };
  await until(() => settled.length === 1 && decided.length === 1 && resolved.length === 1, 'everybody learns of it');
  t.match(settled, [{ promptId, by, outcome: 'answered' }]);
  t.match(decided, [{ host: 'asked.example', answeredBy: by }]);
  t.match(await owner.request('network/decisions/list', {}), { data: [{ answeredBy: by }] });
  t.match(daemon.stderr(), /question answered .*method="?network\/requestApproval/);
});

t.test('who may only look answers, writes and ends nothing', async (t) => {
  const daemon = await scene(t, '');
  const [owner, operator] = [await daemon.connect(), await daemon.connect(OPERATOR)];
  const result = owner
    .request('command/exec', { command: ['sleep', '60'], disableTimeout: true })
    .catch(() => 'its client left');
  await until(async () => (await listed(operator)).length === 1, 'it is listed');
  const [{ commandId } = { commandId: '' }] = await listed(operator);
  const refused = { message: /operators may only look/ };
  await t.rejects(operator.request('operator/commands/terminate', { commandId }), refused);
  await t.rejects(operator.request('operator/commands/write', { commandId, data: '' }), refused);
  await t.rejects(operator.request('operator/prompts/answer', { promptId: '1', result: {} }), refused);
  t.match(await operator.request('operator/overview/read', {}), { may: 'see' });
  await t.rejects(owner.request('operator/commands/list', {}), { message: /need the capability codexd\/operator/ });
  await owner.close();
  t.equal(await result, 'its client left');
});

t.test('where operators are forbidden, they see nothing', async (t) => {
  const daemon = await scene(t, '[codexd]\noperators = "none"');
  const operator = await daemon.connect(OPERATOR);
  for (const method of ['operator/commands/list', 'operator/overview/read', 'operator/prompts/list'] as const) {
    await t.rejects(operator.request(method, {}), { message: /operators = "none"/ }, method);
  }
});

t.test('the helper of the client library passes on connections, commands and decisions', async (t) => {
  const daemon = await scene(t, proxiedConfig({ 'denied.test': 'deny' }));
  const [owner, operator] = [await daemon.connect(), await daemon.connect(OPERATOR)];
  let [clients, running] = [0, 0];
  const denied: string[] = [];
  const unwatch = watchOperator(operator, {
    onConnections: ({ length }) => void (clients = length),
    onCommands: (all) => void (running = all.filter(({ state }) => state === 'running').length),
    onDecisions: (all) => void denied.push(...all.filter(({ verdict }) => verdict === 'deny').map(({ host }) => host)),
    onError: (error) => t.fail(error),
  });
  await until(() => clients === 2, 'both are listed');
  const other = await daemon.connect();
  await until(() => clients === 3, 'and the next');
  await other.close();
  const result = owner.request('command/exec', {
    command: ['bash', '-c', `${ask('denied.test', 80, '/')}; sleep 60`],
    timeoutMs: 30_000,
  });
  await until(() => denied.length === 1, 'the decision is passed on');
  t.match(await result, { networkDenial: { host: 'denied.test' } });
  await until(() => running === 0 && clients === 2, 'the end is passed on');
  t.same(denied, ['denied.test']);
  unwatch();
});
