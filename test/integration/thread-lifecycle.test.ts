/**
 * Threads of a real daemon from their start to their end, with restarts in between (docs/protocol/threads.md §3,
 * §6 to §10).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { rawHome, type RawDaemon, type RawMessage } from '../fixtures/raw-daemon.js';

const CONFIG = `model = "mock"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "read-only"
[model_providers.mock]
name = "Mock"
base_url = "http://127.0.0.1:9/v1"
`;
const NONE = '00000000-0000-7000-8000-000000000000';
const READ = { type: 'readOnly', networkAccess: false };
const WRITE = { type: 'workspaceWrite', writableRoots: [], networkAccess: false };

const item = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const records = (file: string): { type: string; payload: Record<string, unknown> }[] =>
  fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; payload: Record<string, unknown> });
const quiet = (order: readonly string[]): string[] => order.filter((each) => !/^(item\/|thread\/readState)/.test(each));

async function begin(daemon: RawDaemon, params: object = {}): Promise<{ id: string; path: string }> {
  return (await daemon.call('thread/start', params)).thread;
}

/** A turn without a model: a command of the user's own. Answers its id. */
async function turn(daemon: RawDaemon, threadId: string, command: string): Promise<string> {
  const from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId, command });
  const done = ({ method, params }: RawMessage): boolean => method === 'turn/completed' && params.threadId === threadId;
  const { params } = await daemon.next(done, from);
  return params.turn.id as string;
}
const outputs = (thread: { turns: { items: { aggregatedOutput?: string }[] }[] }): (string | undefined)[] =>
  thread.turns.map(({ items }) => items[0]?.aggregatedOutput);

t.test('start: the answer, then the same thread to all; nothing is on disk before the first message', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const from = daemon.messages.length;
  const result = await daemon.call('thread/start', { cwd: 'sub/..', config: { bogus: 1 } });
  await daemon.next(({ method }) => method === 'warning', from);
  t.strictSame(daemon.order(from), ['configWarning', '<response>', 'thread/started', 'warning']);
  const started = daemon.messages.find(({ method }) => method === 'thread/started');
  t.strictSame(started?.params.thread, result.thread);
  t.match(result, {
    thread: { cwd: home.work, status: { type: 'idle' }, historyMode: 'paginated', originator: 'raw', preview: '' },
    model: 'mock',
    modelProvider: 'mock',
    sandbox: READ,
    approvalPolicy: 'never',
    instructionSources: [],
  });
  const { id, path: file } = result.thread;
  t.notOk(fs.existsSync(file));
  t.notOk(fs.existsSync(path.join(home.home, 'sessions')));
  t.match(await daemon.request('thread/read', { threadId: id, includeTurns: true }), { error: { code: -32600 } });
  t.match(await daemon.request('thread/resume', { threadId: id }), {
    error: { code: -32600, message: `no rollout found for thread id ${id}` },
  });
  await daemon.call('thread/inject_items', { threadId: id, items: [item('first')] });
  t.strictSame(
    records(file).map(({ type }) => type),
    ['session_meta', 'response_item', 'response_item', 'response_item'],
  );
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
});

t.test('resume after a restart restores everything, including settings', async (t) => {
  const home = rawHome(t, CONFIG);
  let daemon = await home.start();
  const { id, path: file } = await begin(daemon, { model: 'picked', config: { model_reasoning_effort: 'high' } });
  await daemon.call('thread/inject_items', { threadId: id, items: [item('INJECTED')] });
  await turn(daemon, id, 'echo one');
  const from = daemon.messages.length;
  const update = { sandboxPolicy: { type: 'workspaceWrite' }, approvalPolicy: 'on-request', personality: 'friendly' };
  await daemon.call('thread/settings/update', { threadId: id, ...update });
  await daemon.next(({ method }) => method === 'thread/settings/updated', from);
  t.strictSame(daemon.order(from), ['<response>', 'thread/settings/updated']);
  t.match(records(file).at(-1), { payload: { type: 'thread_settings_applied' } }, 'on disk when it is answered');
  await daemon.call('thread/settings/update', { threadId: id, ...update });
  t.equal(daemon.order(from).length, 3, 'no note where nothing differs');
  await daemon.close();

  daemon = await home.start();
  const again = daemon.messages.length;
  const result = await daemon.call('thread/resume', { threadId: id.toUpperCase() });
  t.strictSame(daemon.order(again), ['deprecationNotice', 'status idle', '<response>']);
  t.match(result, {
    thread: { id, path: file, status: { type: 'idle' }, turns: [{ status: 'completed' }] },
    model: 'picked',
    reasoningEffort: 'high',
    approvalPolicy: 'on-request',
    sandbox: WRITE,
    collaborationMode: { mode: 'default', settings: { model: 'picked', reasoning_effort: 'high' } },
  });
  t.strictSame(outputs(result.thread), ['one\n']);
  t.equal(typeof result.turnsBackwardsCursor, 'string');
  const before = fs.statSync(file).size;
  t.ok(JSON.stringify(records(file)).includes('INJECTED'));

  const loaded = daemon.messages.length;
  const other = await daemon.call('thread/resume', { threadId: id, excludeTurns: true, model: 'x', cwd: '/tmp' });
  await daemon.next(({ method }) => method === 'warning', loaded);
  t.match(other, { model: 'picked', cwd: home.work, thread: { turns: [] } }, 'a loaded thread stays as it is');
  t.strictSame(daemon.order(loaded), ['<response>', 'warning']);
  t.match(daemon.messages.at(-1), { params: { message: /not taken over: model, cwd\b/ } });
  t.equal(fs.statSync(file).size, before, 'nothing was written');
  await daemon.close();

  daemon = await home.start();
  const changed = await daemon.call('thread/resume', { threadId: id, excludeTurns: true, sandbox: 'read-only' });
  t.match(changed, { sandbox: READ, model: 'picked' });
  await daemon.close();
  daemon = await home.start();
  t.match(
    await daemon.call('thread/resume', { threadId: id, excludeTurns: true }),
    { sandbox: READ },
    'and that stays',
  );
});

t.test('resume: by path, by history, pages', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id, path: file } = await begin(daemon);
  for (const word of ['one', 'two', 'three']) await turn(daemon, id, `echo ${word}`);
  t.match(await daemon.request('thread/resume', { threadId: id, path: '/else.jsonl' }), {
    error: {
      message: `cannot resume running thread ${id} with stale path: requested \`/else.jsonl\`, active \`${file}\``,
    },
  });
  t.match(await daemon.call('thread/resume', { threadId: id, path: '', excludeTurns: true }), { thread: { id } });
  t.match(await daemon.request('thread/resume', { threadId: NONE, path: '/nope/x.jsonl' }), {
    error: { code: -32600, message: 'failed to resolve rollout path `/nope/x.jsonl`: file does not exist' },
  });
  t.match(await daemon.request('thread/resume', { threadId: NONE, path: home.work }), {
    error: { message: `failed to resolve rollout path \`${home.work}\`: path is a directory` },
  });
  await daemon.close();
  const next = await home.start();
  const moved = path.join(home.work, 'copy.jsonl');
  fs.renameSync(file, moved);
  const page = { limit: 2, itemsView: 'full' };
  const result = await next.call('thread/resume', {
    threadId: 'not-a-uuid',
    path: moved,
    excludeTurns: true,
    initialTurnsPage: page,
  });
  t.match(result.thread, { id, path: moved, turns: [] });
  t.strictSame(outputs({ turns: result.initialTurnsPage.data }), ['three\n', 'two\n']);
  const rest = { threadId: id, cursor: result.initialTurnsPage.nextCursor, itemsView: 'full' };
  t.strictSame(outputs({ turns: (await next.call('thread/turns/list', rest)).data }), ['one\n']);

  t.match(await next.request('thread/resume', { threadId: NONE, history: [] }), {
    error: { message: 'history must not be empty' },
  });
  const begun = await next.call('thread/resume', { threadId: NONE, history: [item('from a history')] });
  t.match(begun, { thread: { preview: 'from a history', turns: [] }, turnsBackwardsCursor: null });
  t.ok(JSON.stringify(records(begun.thread.path)).includes('from a history'));
});

t.test('forks, and forks of forks, until the last one is deleted', async (t) => {
  const home = rawHome(t, CONFIG);
  let daemon = await home.start();
  for (const historyMode of ['paginated', 'legacy']) {
    const { id } = await begin(daemon, { historyMode });
    const first = await turn(daemon, id, 'echo one');
    const second = await turn(daemon, id, 'echo two');
    await daemon.call('thread/settings/update', { threadId: id, sandboxPolicy: { type: 'workspaceWrite' } });
    const from = daemon.messages.length;
    const whole = await daemon.call('thread/fork', { threadId: id });
    await daemon.next(({ method }) => method === 'thread/started', from);
    const notice = historyMode === 'paginated' ? ['deprecationNotice'] : [];
    t.strictSame(daemon.order(from), [...notice, '<response>', 'thread/started'], historyMode);
    t.match(whole, { thread: { forkedFromId: id, historyMode }, sandbox: WRITE });
    t.strictSame(
      whole.thread.turns.map((each: { id: string }) => each.id),
      [first, second],
      'turns keep their ids',
    );
    const part = await daemon.call('thread/fork', { threadId: whole.thread.id, lastTurnId: first });
    t.strictSame(
      part.thread.turns.map((each: { id: string }) => each.id),
      [first],
    );
    const empty = await daemon.call('thread/fork', { threadId: id, beforeTurnId: first });
    t.strictSame([empty.thread.turns, empty.thread.preview], [[], '']);
    await turn(daemon, part.thread.id, 'echo own');
    t.match(await daemon.request('thread/fork', { threadId: id, beforeTurnId: first, lastTurnId: first }), {
      error: { code: -32600, message: '`beforeTurnId` cannot be combined with `lastTurnId`' },
    });
    t.match(await daemon.request('thread/fork', { threadId: id, lastTurnId: 'x' }), {
      error: { message: 'turn not found: x' },
    });

    await daemon.close();
    daemon = await home.start();
    const again = await daemon.call('thread/resume', { threadId: part.thread.id });
    t.equal(again.thread.turns.length, 2);
    t.equal(again.thread.forkedFromId, whole.thread.id);
    if (historyMode === 'legacy') continue;
    t.strictSame(outputs(again.thread), ['one\n', 'own\n']);

    await daemon.call('thread/resume', { threadId: id, excludeTurns: true });
    const refused = daemon.messages.length;
    t.match(await daemon.request('thread/delete', { threadId: id }), {
      error: { code: -32600, message: `cannot delete thread ${id}: forked history still references it` },
    });
    t.strictSame(daemon.order(refused), ['<response>'], 'it stays loaded');
    for (const each of [part.thread.id, whole.thread.id, id]) await daemon.call('thread/delete', { threadId: each });
    t.match(await daemon.request('thread/read', { threadId: id }), { error: { message: `thread not loaded: ${id}` } });
  }
});

t.test('a fork of a running turn shows it as interrupted, and the source continues', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id } = await begin(daemon);
  await turn(daemon, id, 'echo one');
  const from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId: id, command: 'echo started; sleep 60' });
  await daemon.next(({ method }) => method === 'item/commandExecution/outputDelta', from);
  const read = await daemon.call('thread/read', { threadId: id, includeTurns: true });
  t.match(read.thread, { status: { type: 'active' }, turns: [{}, { status: 'inProgress', completedAt: null }] });
  const fork = await daemon.call('thread/fork', { threadId: id });
  t.strictSame(
    fork.thread.turns.map((each: { status: string }) => each.status),
    ['completed', 'interrupted'],
  );
  t.match(JSON.stringify(records(fork.thread.path)), /<turn_aborted>/);
  t.match((await daemon.call('thread/read', { threadId: id })).thread, { status: { type: 'active' } });
});

t.test('an ephemeral fork, and the requests that ephemeral threads refuse', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id } = await begin(daemon);
  await turn(daemon, id, 'echo one');
  t.match(await daemon.request('thread/fork', { threadId: id, ephemeral: true }), {
    error: { message: 'ephemeral paginated thread/fork requires `excludeTurns: true`' },
  });
  const { thread } = await daemon.call('thread/fork', { threadId: id, ephemeral: true, excludeTurns: true });
  t.match(thread, { ephemeral: true, path: null, turns: [], forkedFromId: id });
  const rows: readonly [method: string, params: object, message: string | null][] = [
    ['thread/read', {}, null],
    ['thread/read', { includeTurns: true }, 'ephemeral threads do not support includeTurns'],
    ['thread/turns/list', {}, 'ephemeral threads do not support thread/turns/list'],
    ['thread/resume', {}, `no rollout found for thread id ${thread.id}`],
    ['thread/fork', {}, `no rollout found for thread id ${thread.id}`],
    ['thread/archive', {}, `no rollout found for thread id ${thread.id}`],
    ['thread/delete', {}, `thread is not persisted and cannot be deleted: ${thread.id}`],
    ['thread/revert', { beforeTurnId: 'x' }, 'ephemeral threads do not support thread/revert'],
    ['thread/rollback', { numTurns: 1 }, 'ephemeral threads do not support thread/rollback'],
    ['thread/inject_items', { items: [item('x')] }, null],
    ['thread/settings/update', { model: 'm' }, null],
  ];
  for (const [method, params, message] of rows) {
    const { error } = await daemon.request(method, { threadId: thread.id, ...params });
    t.equal(error?.message ?? null, message, method);
  }
  t.equal(
    fs.readdirSync(path.join(home.home, 'sessions'), { recursive: true }).filter((f) => /jsonl/.test(String(f))).length,
    1,
  );
});

t.test('archive, unarchive, delete: order, places, and refusals', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id, path: file } = await begin(daemon);
  await turn(daemon, id, 'echo one');
  const step = async (method: string): Promise<string[]> => {
    const from = daemon.messages.length;
    await daemon.call(method, { threadId: id });
    await daemon.next((message) => message.method === `${method}d`, from);
    return daemon.order(from);
  };
  t.strictSame(await step('thread/archive'), ['status notLoaded', '<response>', 'thread/archived']);
  const archived = path.join(home.home, 'archived_sessions', path.basename(file));
  t.ok(fs.existsSync(archived));
  t.match((await daemon.call('thread/read', { threadId: id, includeTurns: true })).thread, {
    path: archived,
    status: { type: 'notLoaded' },
    turns: [{ status: 'completed' }],
  });
  const isArchived = `session ${id} is archived. Run \`codex unarchive ${id}\` to unarchive it first.`;
  for (const method of ['thread/resume', 'thread/fork'])
    t.match(await daemon.request(method, { threadId: id }), { error: { code: -32600, message: isArchived } }, method);
  t.match(await daemon.request('thread/archive', { threadId: id }), {
    error: { message: `no rollout found for thread id ${id}` },
  });
  t.strictSame(await step('thread/unarchive'), ['<response>', 'thread/unarchived']);
  t.ok(fs.existsSync(file));
  t.match(await daemon.call('thread/resume', { threadId: id }), { thread: { path: file, turns: [{}] } });
  t.strictSame(await step('thread/delete'), ['status notLoaded', '<response>', 'thread/deleted']);
  t.notOk(fs.existsSync(file));
  t.match(await daemon.request('thread/delete', { threadId: id }), {
    error: { message: `no rollout found for thread id ${id}` },
  });

  const empty = await begin(daemon);
  await daemon.call('thread/archive', { threadId: empty.id });
  t.match((await daemon.call('thread/read', { threadId: empty.id })).thread, {
    preview: '',
    status: { type: 'notLoaded' },
  });
  const other = await begin(daemon);
  await daemon.call('thread/delete', { threadId: other.id });
  t.match(await daemon.request('thread/read', { threadId: other.id }), { error: {} });

  const busy = await begin(daemon);
  const from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId: busy.id, command: 'echo started; sleep 60' });
  await daemon.next(({ method }) => method === 'item/commandExecution/outputDelta', from);
  const at = daemon.messages.length;
  await daemon.call('thread/archive', { threadId: busy.id });
  await daemon.next(({ method }) => method === 'thread/archived', at);
  t.strictSame(quiet(daemon.order(at)), [
    'status idle',
    'turn/completed',
    'status notLoaded',
    '<response>',
    'thread/archived',
  ]);
});

t.test('revert: a refusal changes nothing; otherwise the thread continues before the turn', async (t) => {
  const home = rawHome(t, CONFIG);
  let daemon = await home.start();
  const { id } = await begin(daemon);
  const turns: string[] = [];
  for (const word of ['one', 'two', 'three']) turns.push(await turn(daemon, id, `echo ${word}`));
  let from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId: id, command: 'echo started; sleep 60' });
  await daemon.next(({ method }) => method === 'item/commandExecution/outputDelta', from);
  from = daemon.messages.length;
  t.match(await daemon.request('thread/revert', { threadId: id, beforeTurnId: 'x' }), {
    error: { code: -32600, message: 'turn not found: x' },
  });
  t.strictSame(daemon.order(from), ['<response>'], 'what runs goes on');
  from = daemon.messages.length;
  const result = await daemon.call('thread/revert', { threadId: id, beforeTurnId: turns[1] });
  await daemon.next(({ method }) => method === 'thread/reverted', from);
  t.strictSame(quiet(daemon.order(from)), [
    'status idle',
    'turn/completed',
    'status notLoaded',
    'status idle',
    '<response>',
    'thread/reverted',
  ]);
  t.match(result, { thread: { id, turns: [] }, turnsBackwardsCursor: String, itemsBackwardsCursor: String });
  await turn(daemon, id, 'echo four');
  const read = async () => outputs((await daemon.call('thread/read', { threadId: id, includeTurns: true })).thread);
  t.strictSame(await read(), ['one\n', 'four\n']);
  await daemon.close();
  daemon = await home.start();
  t.strictSame(await read(), ['one\n', 'four\n']);
  t.strictSame(outputs((await daemon.call('thread/resume', { threadId: id })).thread), ['one\n', 'four\n']);
  const all = await daemon.call('thread/revert', { threadId: id, beforeTurnId: turns[0] });
  t.match(all, { turnsBackwardsCursor: null, itemsBackwardsCursor: null });
  t.strictSame((await daemon.call('thread/turns/list', { threadId: id })).data, []);
  const legacy = await begin(daemon, { historyMode: 'legacy' });
  t.match(await daemon.request('thread/revert', { threadId: legacy.id, beforeTurnId: 'x' }), {
    error: { message: 'thread/revert only supports paginated threads' },
  });
});

t.test('rollback, as older clients call it, for both kinds of threads', async (t) => {
  const home = rawHome(t, CONFIG);
  let daemon = await home.start();
  for (const historyMode of ['paginated', 'legacy']) {
    const { id, path: file } = await begin(daemon, { historyMode });
    const [first] = [await turn(daemon, id, 'echo one'), await turn(daemon, id, 'echo two')];
    t.match(await daemon.request('thread/rollback', { threadId: id, numTurns: 0 }), {
      error: { message: 'numTurns must be >= 1' },
    });
    const { thread } = await daemon.call('thread/rollback', { threadId: id, numTurns: 1 });
    const ids = (turns: readonly { id: string }[]): string[] => turns.map((each) => each.id);
    t.strictSame(ids(thread.turns), [first], historyMode);
    if (historyMode === 'legacy')
      t.match(records(file).at(-1), { payload: { type: 'thread_rolled_back', num_turns: 1 } });
    await daemon.close();
    daemon = await home.start();
    t.strictSame(ids((await daemon.call('thread/resume', { threadId: id })).thread.turns), [first], historyMode);
    t.strictSame((await daemon.call('thread/rollback', { threadId: id, numTurns: 99 })).thread.turns, []);
  }
});

t.test('invalid ids, and missing threads', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const at1 = 'invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `n` at 1';
  const rows: readonly [method: string, prefix: 'thread' | 'session', missing: string, params?: object][] = [
    ['thread/read', 'thread', `thread not loaded: ${NONE}`],
    ['thread/resume', 'session', `no rollout found for thread id ${NONE}`],
    ['thread/fork', 'session', `no rollout found for thread id ${NONE}`],
    ['thread/archive', 'session', `no rollout found for thread id ${NONE}`],
    ['thread/unarchive', 'session', `no archived rollout found for thread id ${NONE}`],
    ['thread/delete', 'thread', `no rollout found for thread id ${NONE}`],
    ['thread/revert', 'thread', `thread not found: ${NONE}`, { beforeTurnId: 'x' }],
    ['thread/rollback', 'thread', `thread not found: ${NONE}`, { numTurns: 1 }],
    ['thread/settings/update', 'thread', `thread not found: ${NONE}`, { model: 'x' }],
    ['thread/shellCommand', 'thread', `thread not found: ${NONE}`, { command: 'true' }],
    ['thread/inject_items', 'thread', `thread not found: ${NONE}`, { items: [] }],
  ];
  for (const [method, kind, missing, params = {}] of rows) {
    const malformed = await daemon.request(method, { threadId: 'not-a-uuid', ...params });
    t.match(malformed.error, { code: -32600, message: `invalid ${kind} id: ${at1}` }, method);
    const unknown = await daemon.request(method, { threadId: `{${NONE.toUpperCase()}}`, ...params });
    t.match(unknown.error, { code: -32600, message: missing }, method);
  }
  t.match(await daemon.request('experimentalFeature/list', { threadId: NONE }), {
    error: { message: `thread not found: ${NONE}` },
  });
});

t.test('the refusals of a start, in their order', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const tool = (name: string, more: object = {}) => ({
    type: 'function',
    name,
    description: 'd',
    inputSchema: { type: 'object' },
    ...more,
  });
  const space = (name: string, tools: readonly object[], description = 'd') => ({
    type: 'namespace',
    name,
    description,
    tools,
  });
  const rows: readonly [params: object, message: string][] = [
    [
      { permissions: ':x', sandbox: 'read-only', projectId: 'p', model: '' },
      '`permissions` cannot be combined with `sandbox`',
    ],
    [{ projectId: 'p', environments: [{ environmentId: 'z', cwd: '/' }], model: '' }, 'project not found: p'],
    [{ environments: [{ environmentId: 'z', cwd: '/' }], modelProvider: 'nope' }, 'unknown turn environment id `z`'],
    [
      { modelProvider: 'nope', dynamicTools: [tool('a b')] },
      'failed to load configuration: Model provider `nope` not found',
    ],
    [
      { dynamicTools: [tool('a b')], model: '' },
      'dynamic tool name must match ^[a-zA-Z0-9_-]+$ to match Responses API: a b',
    ],
    [{ dynamicTools: [tool('')] }, 'dynamic tool name must not be empty'],
    [{ dynamicTools: [tool(' a')] }, 'dynamic tool name has leading/trailing whitespace:  a'],
    [{ dynamicTools: [tool('mcp__x')] }, 'dynamic tool name is reserved: mcp__x'],
    [{ dynamicTools: [tool('a'), tool('a')] }, 'duplicate dynamic tool name: a'],
    [{ dynamicTools: [tool('a', { deferLoading: true })] }, 'deferred dynamic tool must include a namespace: a'],
    [
      { dynamicTools: [tool('a', { inputSchema: 5 })] },
      'dynamic tool input schema is not supported for a: invalid type: number, expected struct JsonSchema',
    ],
    [
      { dynamicTools: [tool('a'.repeat(129))] },
      `dynamic tool name must be at most 128 characters to match Responses API: ${'a'.repeat(129)}`,
    ],
    [{ dynamicTools: [space('n', [])] }, 'dynamic tool namespace must contain at least one tool: n'],
    [
      { dynamicTools: [space('web', [tool('a')])] },
      'dynamic tool namespace collides with a reserved Responses API namespace: web',
    ],
    [{ dynamicTools: [space('n', [tool('a'), tool('a')])] }, 'duplicate dynamic tool name in namespace n: a'],
    [{ dynamicTools: [space('n', [tool('a')]), space('n', [tool('b')])] }, 'duplicate dynamic tool namespace: n'],
    [
      { dynamicTools: [space('n', [tool('a')], 'd'.repeat(1025))] },
      'dynamic tool namespace description must be at most 1024 characters',
    ],
    [{ model: ' ' }, 'No models are available. Set `model` explicitly or check your model catalog configuration.'],
  ];
  for (const [params, message] of rows) {
    const { error } = await daemon.request('thread/start', params);
    t.match(error, { code: -32600, message }, message);
  }
  t.strictSame((await daemon.call('thread/loaded/list', {})).data, [], 'nothing was made');
  const { id } = await begin(daemon, { dynamicTools: [space('n', [tool('a', { deferLoading: true })]), tool('a')] });
  t.match(await daemon.request('thread/settings/update', { threadId: id, model: '' }), {
    error: { message: /^No models are available/ },
  });
  t.match(
    await daemon.request('thread/settings/update', { threadId: id, permissions: ':workspace', sandboxPolicy: READ }),
    {
      error: { message: '`permissions` cannot be combined with `sandboxPolicy`' },
    },
  );
});

t.test('write access in a request marks its project as trusted, once', async (t) => {
  const home = rawHome(t, CONFIG.replace('sandbox_mode = "read-only"', 'sandbox_mode = "workspace-write"'));
  fs.mkdirSync(path.join(home.work, '.git'));
  fs.writeFileSync(path.join(home.work, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  fs.mkdirSync(path.join(home.work, '.codex'));
  fs.writeFileSync(path.join(home.work, '.codex', 'config.toml'), 'model = "of the project"\n');
  const config = (): string => fs.readFileSync(path.join(home.home, 'config.toml'), 'utf8');
  const daemon = await home.start();
  const before = config();
  const rows: readonly [params: object, why: string][] = [
    [{ cwd: home.work }, 'what is configured is no request'],
    [{ sandbox: 'workspace-write' }, 'no folder was named'],
    [{ cwd: home.work, sandbox: 'read-only' }, 'reading needs no trust'],
    [{ cwd: home.home, sandbox: 'workspace-write' }, 'no project'],
  ];
  for (const [params, why] of rows) {
    t.equal((await daemon.call('thread/start', params)).model, 'mock', why);
    t.equal(config(), before, why);
  }
  const sub = path.join(home.work, 'sub');
  t.equal((await daemon.call('thread/start', { cwd: sub, permissions: ':workspace' })).model, 'of the project');
  t.match(config(), `[projects."${home.work}"]\ntrust_level = "trusted"\n`);
  fs.writeFileSync(path.join(home.home, 'config.toml'), config().replace('"trusted"', '"untrusted"'));
  const untrusted = config();
  t.equal((await daemon.call('thread/start', { cwd: sub, sandbox: 'workspace-write' })).model, 'mock');
  t.equal(config(), untrusted, 'what the user said stays');
});

t.test('a changed configuration reaches loaded threads when a client asks for it', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id } = await begin(daemon, { config: { 'features.memories': true } });
  const feature = async (threadId: string | null, name: string) => {
    const { data } = await daemon.call('experimentalFeature/list', { threadId, limit: 1000 });
    return (data as { name: string; enabled: boolean }[]).find((each) => each.name === name)?.enabled;
  };
  t.strictSame([await feature(id, 'memories'), await feature(null, 'memories')], [true, false]);
  await daemon.call('config/batchWrite', {
    edits: [{ keyPath: 'shell_environment_policy.set', value: { FROM_CONFIG: 'yes' }, mergeStrategy: 'replace' }],
    reloadUserConfig: true,
  });
  await turn(daemon, id, 'echo "$FROM_CONFIG"');
  const { thread } = await daemon.call('thread/read', { threadId: id, includeTurns: true });
  t.strictSame(outputs(thread), ['yes\n']);
  t.equal((await daemon.call('thread/resume', { threadId: id, excludeTurns: true })).model, 'mock');
});

t.test('the end of the daemon ends running turns, also in the file, and releases the lock', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id, path: file } = await begin(daemon);
  const from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId: id, command: 'echo started; sleep 60' });
  await daemon.next(({ method }) => method === 'item/commandExecution/outputDelta', from);
  const locks = path.join(home.home, 'thread-writer-locks');
  t.ok(fs.existsSync(path.join(locks, `${id}.lock`)));
  await daemon.close();
  t.match(records(file).at(-1), { payload: { type: 'turn_aborted', reason: 'interrupted' } });
  t.notOk(fs.existsSync(path.join(locks, `${id}.lock`)));
});
