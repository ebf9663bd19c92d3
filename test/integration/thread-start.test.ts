/** How threads of a real daemon begin, and what they are refused (docs/protocol/threads.md §3). */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { rawHome } from '../fixtures/raw-daemon.js';
import { CONFIG, READ, item, records, begin } from './thread-lifecycle.js';

t.test('start: the answer, then the same thread to all; nothing is on disk before the first message', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start({ configWarnings: true });
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
