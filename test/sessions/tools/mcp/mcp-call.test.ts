/** Calls of tools of a server that runs, in a daemon. */
import t from 'tap';
import { event, say } from '../../../fixtures/model-server.js';
import { logged, mcpProgram, mcpTable, type Loose } from '../../../fixtures/mcp-server.js';
import { elapse, until } from '../../../fixtures/until.js';
import { calls, scene } from '../../turn/support.js';

t.setTimeout(120_000);

const call = (name: string, id: string, args: unknown = {}): object => ({
  ...event.call(name, args as object, id),
  namespace: 'mcp__srv',
});

async function running(t: Parameters<typeof scene>[0], tools: string, table = '', more = '') {
  const { file, logFile } = mcpProgram(t.testdir(), tools, more);
  const s = await scene(t, { tables: mcpTable('srv', file, `default_tools_approval_mode = "approve"\n${table}`) });
  return { s, log: () => logged(logFile), items: () => s.items('mcpToolCall') };
}

t.test('a call is an item of the turn, on disk, and read again as it was', async (t) => {
  const { s, items } = await running(
    t,
    `echo: { annotations: { readOnlyHint: true }, run: ({ q }) => ({ ...text('ECHO ' + q), _meta: { m: 1 } }) }`,
  );
  s.model.push(calls(call('echo', 'a', { q: 'x' })), say('done'));
  await s.turn('go');
  const [item] = items();
  t.match(item, {
    id: 'a',
    server: 'srv',
    environmentId: null,
    tool: 'echo',
    status: 'completed',
    arguments: { q: 'x' },
    readOnlyHint: true,
    error: null,
    result: { content: [{ type: 'text', text: 'ECHO x' }], structuredContent: null, _meta: { m: 1 } },
  });
  t.match(s.outputs().a, /Wall time: .*ECHO x/);
  const again = await s.again();
  const { thread } = await again.daemon.call('thread/read', { threadId: s.threadId, includeTurns: true });
  const read = thread.turns.flatMap((turn: Loose) => turn.items).find(({ type }: Loose) => type === 'mcpToolCall');
  t.same(read, item);
});

t.test('what the model wrote wrong is answered, and the server is left alone', async (t) => {
  const { s, items, log } = await running(t, `echo: { run: () => text('no') }`);
  const bad = { type: 'function_call', call_id: 'b', namespace: 'mcp__srv', name: 'echo', arguments: '{bad' };
  s.model.push(
    calls(bad),
    calls(call('echo', 'c', [1])),
    calls(call('none', 'd')),
    calls({ ...call('echo', 'e'), namespace: 'mcp__zz' }),
    say('done'),
  );
  await s.turn('go');
  const outputs = s.outputs();
  t.match(outputs.b, /err: /);
  t.match(outputs.c, /MCP tool arguments must be a JSON object, got \[1\]/);
  t.equal(outputs.d, 'unsupported call: mcp__srvnone');
  t.equal(outputs.e, 'unsupported call: mcp__zzecho');
  t.same(
    items().map(({ id, status }) => [id, status]),
    [['c', 'failed']],
  );
  t.same(
    log().filter(({ ran }) => ran),
    [],
  );
});

t.test('errors, wrong results, time limits: each ends the item and reaches the model', async (t) => {
  const tools = `
    fails: { run: () => ({ ...text('it failed'), isError: true }) },
    rpc: { run: () => { throw { code: -32050, message: 'custom', data: { k: 1 } }; } },
    odd: { run: () => ({}) },
    hangs: { run: () => new Promise(() => {}) },`;
  const { s, items, log } = await running(t, tools, 'tool_timeout_sec = 0.5');
  for (const name of ['fails', 'rpc', 'odd', 'hangs']) s.model.push(calls(call(name, name)));
  s.model.push(say('done'));
  await s.turn('go');
  const outputs = s.outputs();
  t.match(outputs.fails, /it failed/);
  t.match(outputs.rpc, /Mcp error: -32050: custom\(\{\\+"k\\+":1\}\)/);
  t.match(outputs.odd, /Unexpected response type/);
  t.match(outputs.hangs, /timed out awaiting tools\/call after 500ms/);
  t.same(
    items().map(({ id, status, result }) => [id, status, result !== null]),
    [
      ['fails', 'failed', true],
      ['rpc', 'failed', false],
      ['odd', 'failed', false],
      ['hangs', 'failed', false],
    ],
  );
  t.ok(
    log().some(({ note }) => note === 'notifications/cancelled'),
    'the server hears that nobody waits',
  );
});

t.test('an interrupt ends the item and tells the server', async (t) => {
  const { s, items, log } = await running(t, `hangs: { run: () => (log({ ran: true }), new Promise(() => {})) }`);
  s.model.push(calls(call('hangs', 'h')));
  const { id } = await s.begin('go');
  await until(() => log().some(({ ran }) => ran), 'the call');
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: id });
  t.equal((await s.ended(id)).status, 'interrupted');
  t.match(items(), [{ id: 'h', status: 'failed', error: { message: 'the turn was interrupted' } }]);
  await until(() => log().some(({ note }) => note === 'notifications/cancelled'), 'the server is notified');
});

t.test('what only reads runs beside each other, everything else one after the other', async (t) => {
  const tool = (hints: string): string =>
    `{ annotations: { readOnlyHint: ${hints} }, run: async (a) => { log({ begin: a.n }); await new Promise((r) => setTimeout(r, 300)); log({ end: a.n }); return text(a.n); } }`;
  const { s, log } = await running(t, `reads: ${tool('true')}, writes: ${tool('false')}`);
  s.model.push(calls(call('reads', 'r1', { n: 1 }), call('reads', 'r2', { n: 2 })), say('done'));
  await s.turn('go');
  t.same(
    log().flatMap(({ begin, end }) => (begin ? ['begin'] : end ? ['end'] : [])),
    ['begin', 'begin', 'end', 'end'],
  );
  s.model.push(calls(call('writes', 'w1', { n: 3 }), call('writes', 'w2', { n: 4 })), say('done'));
  await s.turn('go');
  t.same(
    log().flatMap(({ begin, end }) => ((begin ?? end ?? 0) < 3 ? [] : [[begin ? 'begin' : 'end', begin ?? end]])),
    [
      ['begin', 3],
      ['end', 3],
      ['begin', 4],
      ['end', 4],
    ],
  );
});

t.test('progress is reported; time does not run while the server waits for a person', async (t) => {
  const tools = `
    slow: { run: async (a, p) => { note('notifications/progress', { progressToken: p._meta.progressToken, progress: 1, message: 'half way' }); await new Promise((r) => setTimeout(r, 200)); return text('slow'); } },
    asks: { run: async () => text(JSON.stringify(await ask('elicitation/create', { message: 'Name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }))) },`;
  const { file } = mcpProgram(t.testdir(), tools);
  const s = await scene(t, {
    tables: mcpTable('srv', file, 'default_tools_approval_mode = "approve"\ntool_timeout_sec = 1'),
    start: { approvalPolicy: 'on-request' },
  });
  s.model.push(calls(call('slow', 's')), calls(call('asks', 'q')), say('done'));
  const { id } = await s.begin('go');
  const question = await s.note('mcpServer/elicitation/request');
  t.match(question.params, { serverName: 'srv', mode: 'form', message: 'Name?', turnId: id });
  await elapse(1_500, 'the time of the tool would be over');
  s.daemon.answer(question.id as number, { result: { action: 'accept', content: { name: 'Bob' }, _meta: null } });
  await s.ended(id);
  t.match(s.notes('item/mcpToolCall/progress'), [{ itemId: 's', turnId: id, message: 'half way' }]);
  t.match(s.outputs().q, /Bob/);
});

t.test(
  'a server that dies in a call starts again for the next one; other tools count from the next request on',
  async (t) => {
    const tools = `
    die: { run: () => process.exit(3) },
    grow: { run: () => { tools.late = { run: () => text('late') }; note('notifications/tools/list_changed'); return text('grown'); } },`;
    const { s, items } = await running(t, tools);
    s.model.push(calls(call('die', 'd')), calls(call('grow', 'g')), say('done'));
    await s.turn('go');
    t.match(items(), [
      { id: 'd', status: 'failed', error: { message: /Transport closed/ } },
      { id: 'g', status: 'completed' },
    ]);
    t.same(
      s.notes('mcpServer/startupStatus/updated').map(({ status }) => status),
      ['starting', 'ready', 'starting', 'ready'],
    );
    s.model.push(calls(call('late', 'l')), say('done'));
    await s.turn('go');
    t.match(items().at(-1), { id: 'l', status: 'completed' });
  },
);
