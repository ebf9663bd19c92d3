/**
 * Threads of a real daemon from their start to their end, with restarts in between (docs/protocol/threads.md §3,
 * §6 to §10).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { rawHome } from '../fixtures/raw-daemon.js';
import { CONFIG, NONE, READ, WRITE, item, records, quiet, begin, turn, outputs } from './thread-lifecycle.js';

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
  const settings = records((result.thread as { path: string }).path).at(-1);
  t.match(settings, { payload: { type: 'thread_settings_applied' } }, 'lists and the next start find its settings');
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
    const read = await daemon.call('thread/read', { threadId: id, includeTurns: true });
    t.strictSame(thread.turns, read.thread.turns, 'with all of their items');
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
