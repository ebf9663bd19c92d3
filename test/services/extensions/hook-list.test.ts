/** hooks/list against a daemon: what a client sees of hooks, and how it trusts them. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.js';

t.setTimeout(120_000);

const hooksJson = (...commands: readonly string[]): string =>
  JSON.stringify({ hooks: { Stop: commands.map((command) => ({ hooks: [{ type: 'command', command }] })) } });

async function scene(
  t: { teardown(fn: () => unknown): unknown },
  files: Readonly<Record<string, string>> = {},
  config = '',
): Promise<TestDaemon> {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-hooks-'));
  for (const [name, text] of Object.entries({ 'system/config.toml': '', ...files })) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  const env = { CODEXD_SYSTEM_CONFIG_DIR: path.join(root, 'system') };
  const daemon = await startDaemon({ root, env, config: `model = "mock-model"\n${config}` });
  t.teardown(async () => {
    await daemon.stop();
    fs.rmSync(root, { recursive: true, force: true });
  });
  return daemon;
}

t.test('folders as they are now, a thread as it was loaded', async (t) => {
  const daemon = await scene(t, { 'home/hooks.json': hooksJson('a') });
  const client = await daemon.connect();
  const { thread } = await client.request('thread/start', { cwd: daemon.work });
  const key = `${daemon.home}/hooks.json:stop:0:0`;
  const ofFolder = async () => (await client.request('hooks/list', {})).data[0];
  const ofThread = async () => (await client.request('hooks/list', { threadId: thread.id })).data[0];
  t.match(await ofFolder(), { cwd: daemon.work, hooks: [{ key, command: 'a', trustStatus: 'untrusted' }], errors: [] });
  t.same(await ofThread(), await ofFolder());

  fs.writeFileSync(path.join(daemon.home, 'hooks.json'), hooksJson('b'));
  t.match((await ofFolder())?.hooks, [{ command: 'b' }]);
  t.match((await ofThread())?.hooks, [{ command: 'a' }]);
  await client.request('config/batchWrite', { edits: [], reloadUserConfig: true });
  t.match((await ofThread())?.hooks, [{ command: 'b' }]);

  const several = await client.request('hooks/list', { cwds: [daemon.work, '/nonexistent'] });
  t.match(several.data, [{ cwd: daemon.work }, { cwd: '/nonexistent', hooks: [{ command: 'b' }] }]);
  await t.rejects(client.request('hooks/list', { cwds: ['/'], threadId: thread.id }), {
    code: -32600,
    message: 'specify either threadId or cwds',
  });
  await t.rejects(client.request('hooks/list', { threadId: 'zz' }), { code: -32600, message: /invalid thread id/ });
  await t.rejects(client.request('hooks/list', { threadId: '00000000-0000-4000-8000-000000000000' }), {
    message: 'thread not found: 00000000-0000-4000-8000-000000000000',
  });
});

t.test('a client trusts a hook as the official terminal client does, and comments stay', async (t) => {
  const daemon = await scene(t, { 'home/hooks.json': hooksJson('a', 'b') }, '# mine\n');
  const client = await daemon.connect();
  const hooks = async () => (await client.request('hooks/list', {})).data[0]?.hooks ?? [];
  const [first, second] = await hooks();
  if (first === undefined || second === undefined) throw new Error('two hooks');
  const trust = (key: string, value: object) =>
    client.request('config/batchWrite', {
      edits: [{ keyPath: 'hooks.state', value: { [key]: value }, mergeStrategy: 'upsert' }],
      reloadUserConfig: true,
    });
  await trust(first.key, { trusted_hash: first.currentHash });
  t.match(await hooks(), [{ trustStatus: 'trusted' }, { trustStatus: 'untrusted' }]);
  await client.request('config/value/write', {
    keyPath: `hooks.state.${JSON.stringify(second.key)}.trusted_hash`,
    value: second.currentHash,
    mergeStrategy: 'replace',
  });
  await trust(first.key, { enabled: false });
  t.match(await hooks(), [
    { trustStatus: 'trusted', enabled: false },
    { trustStatus: 'trusted', enabled: true },
  ]);
  t.match(fs.readFileSync(path.join(daemon.home, 'config.toml'), 'utf8'), '# mine');
  fs.writeFileSync(path.join(daemon.home, 'hooks.json'), hooksJson('a', 'c'));
  t.match(await hooks(), [{ trustStatus: 'trusted' }, { trustStatus: 'modified' }]);
});

t.test('warnings of hooks belong to each thread; the trust of a request must be a boolean', async (t) => {
  const daemon = await scene(t, { 'home/hooks.json': '{"hooks":' });
  const client = await daemon.connect();
  const warned = new Promise<string>((resolve) =>
    client.onNotification('warning', ({ message }) => {
      if (message.includes('hooks.json')) resolve(message);
    }),
  );
  await client.request('thread/start', {});
  const fault = `failed to parse hooks config ${daemon.home}/hooks.json: EOF while parsing a value at line 1 column 9`;
  t.equal(await warned, fault);
  t.same((await client.request('hooks/list', {})).data[0]?.warnings, [fault]);
  await t.rejects(client.request('thread/start', { config: { bypass_hook_trust: 'yes' } }), {
    message: 'failed to load configuration: `bypass_hook_trust` override must be a boolean',
  });
  const bypassed = new Promise<void>((resolve) =>
    client.onNotification('warning', ({ message }) => {
      if (message.includes('--dangerously-bypass-hook-trust')) resolve();
    }),
  );
  await client.request('thread/start', { config: { bypass_hook_trust: true } });
  await bypassed;
});

t.test('an invalid configuration is an error of the folder', async (t) => {
  const daemon = await scene(t, { 'home/hooks.json': hooksJson('a') });
  const client = await daemon.connect();
  fs.writeFileSync(path.join(daemon.home, 'config.toml'), 'model = 5\n');
  const [entry] = (await client.request('hooks/list', {})).data;
  t.match(entry, {
    hooks: [],
    errors: [{ path: daemon.work, message: /invalid type: integer `5`, expected a string/ }],
  });
});

t.test('the administrator’s hooks: shown, in every thread, and no thread without them', async (t) => {
  const guard =
    '[[hooks.PreToolUse]]\nmatcher = "Bash"\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "guard"\n';
  const requirements = `allow_managed_hooks_only = true\n${guard}`;
  const files = { 'home/hooks.json': hooksJson('a'), 'system/requirements.toml': requirements };
  const daemon = await scene(t, files);
  const client = await daemon.connect();
  t.match((await client.request('configRequirements/read', undefined)).requirements, {
    allowManagedHooksOnly: true,
    hooks: {
      managedDir: null,
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'guard', timeoutSec: null, async: false }] }],
      Stop: [],
    },
  });
  const { thread } = await client.request('thread/start', { config: { 'features.hooks': false } });
  t.match((await client.request('hooks/list', { threadId: thread.id })).data[0]?.hooks, [
    { command: 'guard', trustStatus: 'managed', isManaged: true, enabled: true },
  ]);
  const file = path.join(daemon.home, '../system/requirements.toml');
  fs.writeFileSync(file, `${guard}[[hooks.PreToolUse.hooks]]\ntype = "prompt"\n`);
  const failed = {
    code: -32603,
    message: /^error (creating|forking) thread: .*failed to load required managed hooks: skipping prompt hook/,
  };
  await t.rejects(client.request('thread/start', {}), failed);
  await t.rejects(client.request('thread/start', { config: { bypass_hook_trust: true } }), failed);
});
