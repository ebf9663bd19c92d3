import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLocalServer } from '../fixtures/local-model-server.js';
import { startDaemon } from '../fixtures/daemon.js';

t.setTimeout(60_000);

t.test('an API key is stored with mode 0600, reported, and removed at logout', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const file = path.join(daemon.home, 'auth.json');
  t.match(await client.request('account/read', {}), { account: null });
  t.match(await client.request('account/login/start', { type: 'apiKey', apiKey: 'sk-test-1' }), { type: 'apiKey' });
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
  t.match(JSON.parse(fs.readFileSync(file, 'utf8')), { OPENAI_API_KEY: 'sk-test-1' });
  t.match(await client.request('account/read', {}), { account: { type: 'apiKey' } });
  t.notMatch(JSON.stringify(await client.request('account/read', {})), 'sk-test-1', 'the key itself is told to nobody');
  await client.request('account/logout', undefined);
  t.match(await client.request('account/read', {}), { account: null });
  t.notOk(fs.existsSync(file));
});

t.test('models come from the catalog, and without one they are those that codexd knows', async (t) => {
  const configured = await startDaemon({ config: 'model = "my-model"\n' });
  t.teardown(() => configured.stop());
  const { data } = await (await configured.connect()).request('model/list', {});
  t.same([data.length, data.find(({ isDefault }) => isDefault)?.model], [11, 'gpt-6.2-sol']);

  const catalog = path.join(t.testdir(), 'catalog.json');
  const entry = {
    display_name: 'One',
    description: 'the first',
    default_reasoning_level: 'low',
    supported_reasoning_levels: [{ effort: 'low', description: 'l' }],
    shell_type: 'unified_exec',
    visibility: 'list',
    supported_in_api: true,
    priority: 1,
    base_instructions: '',
    supports_reasoning_summaries: true,
    support_verbosity: false,
    truncation_policy: { mode: 'tokens', limit: 100 },
    supports_parallel_tool_calls: true,
    context_window: 1000,
    experimental_supported_tools: [],
  };
  fs.writeFileSync(catalog, JSON.stringify({ models: [{ ...entry, slug: 'one' }] }));
  const listed = await startDaemon({ config: `model_catalog_json = ${JSON.stringify(catalog)}\n` });
  t.teardown(() => listed.stop());
  const page = await (await listed.connect()).request('model/list', {});
  t.match(page.data, [{ model: 'one', displayName: 'One', defaultReasoningEffort: 'low' }]);
});

t.test('a local server lists its models, and the model of new threads is the default', async (t) => {
  const server = await startLocalServer({ as: 'llamacpp', models: ['one', 'two'] });
  t.teardown(() => server.close());
  const provider = `model_provider = "box"\n[model_providers.box]\nname = "Box"\nbase_url = "${server.origin}/v1"\n`;
  const listed = async (config: string) => {
    const daemon = await startDaemon({ config });
    t.teardown(() => daemon.stop());
    const { data } = await (await daemon.connect()).request('model/list', {});
    return data.map(({ model, isDefault }) => [model, isDefault]);
  };
  t.same(await listed(provider), [
    ['one', true],
    ['two', false],
  ]);
  t.same(await listed(`model = "two"\n${provider}`), [
    ['one', false],
    ['two', true],
  ]);
  t.same(await listed(`model = "other"\n${provider}`), [
    ['other', true],
    ['one', false],
    ['two', false],
  ]);
  await server.close();
  t.same((await listed(`model = "two"\n${provider}`))[0], ['gpt-6.2-sol', true], 'nobody can be asked');
});

t.test('skills are listed with their errors, and can be disabled', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const skill = (name: string, text: string): void => {
    const folder = path.join(daemon.home, 'skills', name);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'SKILL.md'), text);
  };
  skill('good', '---\nname: good\ndescription: Does good.\n---\nDo it.\n');
  skill('mute', '---\nname: mute\n---\n');
  const client = await daemon.connect();
  const list = async () => (await client.request('skills/list', { cwds: [daemon.work] })).data[0];
  const ours = async () => (await list())?.skills.filter(({ path: file }) => file.startsWith(daemon.home));
  t.match(await ours(), [{ name: 'good', description: 'Does good.', enabled: true, scope: 'user' }]);
  t.match((await list())?.errors, [{ message: 'missing field `description`' }]);
  t.same(await client.request('skills/config/write', { name: 'good', enabled: false }), { effectiveEnabled: false });
  t.match(await ours(), [{ name: 'good', enabled: false }]);
  t.match(fs.readFileSync(path.join(daemon.home, 'config.toml'), 'utf8'), 'enabled = false');
});

t.test('unsupported extensions give an empty list or a clear refusal', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  t.match(await client.request('mcpServerStatus/list', {}), { data: [], nextCursor: null });
  t.same((await client.request('hooks/list', { cwds: [daemon.work] })).data[0]?.hooks, []);
  await t.rejects(client.request('account/rateLimits/read', undefined as never));
  await t.rejects(client.request('thread/prediction/request', { threadId: 't', sourceTurnId: 's' }), { code: -32601 });
});
