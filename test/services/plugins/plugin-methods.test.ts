/** Plugins over a connection: a marketplace, an installation, and a turn with the skill, the server and the hook. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { items } from '../../fixtures/model-server.js';
import { mcpProgram } from '../../fixtures/mcp-server.js';
import { turnScene, type TurnScene } from '../../fixtures/turn-scene.js';

t.setTimeout(120_000);

/** A marketplace with the plugin `sample`, beside the daemon's working folder. */
function marketIn(folder: string): { readonly root: string; readonly file: string; readonly plugin: string } {
  const root = path.join(folder, 'market');
  const plugin = path.join(root, 'plugins', 'sample');
  const write = (name: string, value: string | object): void => {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  };
  const policy = { installation: 'AVAILABLE', authentication: 'ON_USE' };
  write('.agents/plugins/marketplace.json', {
    name: 'team',
    plugins: [
      { name: 'sample', source: './plugins/sample', policy },
      { name: 'web', source: { source: 'npm', package: '@a/web' } },
    ],
  });
  write('plugins/sample/.codex-plugin/plugin.json', { name: 'sample', version: '1.0.0', description: 'A sample' });
  write('plugins/sample/skills/hello/SKILL.md', '---\nname: hello\ndescription: Says hello\n---\nHello\n');
  write('plugins/sample/said.txt', 'from the plugin');
  const command = 'cat ${CLAUDE_PLUGIN_ROOT}/said.txt; test -d "$PLUGIN_DATA"';
  write('plugins/sample/hooks/hooks.json', {
    hooks: { UserPromptSubmit: [{ hooks: [{ type: 'command', command }] }] },
  });
  // It logs beside itself, and a plugin whose files change is not the one that was trusted.
  const { file } = mcpProgram(folder, `echo: { annotations: { readOnlyHint: true }, run: () => text('echoed') }`);
  write('plugins/sample/.mcp.json', { mcpServers: { demo: { command: process.execPath, args: [file], cwd: '.' } } });
  return { root, file: path.join(root, '.agents', 'plugins', 'marketplace.json'), plugin };
}

async function installed(scene: TurnScene) {
  const { client, daemon } = scene;
  const market = marketIn(daemon.home);
  await client.request('marketplace/add', { source: market.root });
  const answer = await client.request('plugin/install', { marketplacePath: market.file, pluginName: 'sample' });
  return { ...market, answer };
}

const ID = 'sample@team';
const KEY = `${ID}:hooks/hooks.json:user_prompt_submit:0:0`;

async function trust({ client }: TurnScene): Promise<void> {
  const hook = (await client.request('hooks/list', {})).data[0]?.hooks[0];
  const value = { [hook?.key ?? '']: { trusted_hash: hook?.currentHash } };
  await client.request('config/batchWrite', {
    edits: [{ keyPath: 'hooks.state', value, mergeStrategy: 'upsert' }],
    reloadUserConfig: true,
  });
}

t.test('a plugin from its marketplace to a turn, and out again', async (t) => {
  const call = { type: 'function_call', call_id: 'c1', namespace: 'mcp__demo', name: 'echo', arguments: '{}' };
  const scene = await turnScene(t, [items(call)]);
  const { client, daemon, model } = scene;
  const notified = new Promise<void>((resolve) => client.onNotification('skills/changed', () => resolve()));
  const { answer, file, root } = await installed(scene);
  t.same(answer, { authPolicy: 'ON_USE', appsNeedingAuth: [] });
  await notified;
  const files = path.join(daemon.home, 'plugins', 'cache', 'team', 'sample', '1.0.0');
  t.match((await client.request('plugin/list', {})).marketplaces, [
    {
      name: 'team',
      path: file,
      plugins: [
        { id: ID, installed: true, enabled: true },
        { id: 'web@team', installed: false },
      ],
    },
  ]);
  t.match((await client.request('plugin/installed', {})).marketplaces, [{ plugins: [{ id: ID }] }]);
  t.match((await client.request('plugin/search', { searchTerm: 'SAM' })).data, [
    { plugin: { id: ID }, marketplaceName: 'team' },
  ]);
  t.match(await client.request('plugin/read', { marketplacePath: file, pluginName: 'sample' }), {
    plugin: {
      description: 'A sample',
      skills: [{ name: 'sample:hello' }],
      hooks: [{ key: KEY }],
      mcpServers: ['demo'],
    },
  });
  const skill = path.join(files, 'skills', 'hello', 'SKILL.md');
  t.match((await client.request('skills/list', {})).data[0]?.skills, [
    { name: 'sample:hello', path: skill, scope: 'user', pluginId: ID },
  ]);
  t.match((await client.request('mcpServerStatus/list', {})).data, [
    { name: 'demo', pluginId: ID, tools: { echo: {} } },
  ]);
  t.match((await client.request('hooks/list', {})).data[0]?.hooks, [
    { key: KEY, source: 'plugin', pluginId: ID, trustStatus: 'untrusted' },
  ]);
  await trust(scene);

  const calls: unknown[] = [];
  const runs: unknown[] = [];
  client.onNotification('item/completed', ({ item }) => item.type === 'mcpToolCall' && calls.push(item));
  client.onNotification('hook/completed', ({ run }) => runs.push(run));
  const thread = await scene.startThread();
  await scene.turn(thread, 'hello');
  t.match(calls, [{ server: 'demo', tool: 'echo', pluginId: ID, status: 'completed' }]);
  t.match(runs, [{ source: 'plugin', status: 'completed', entries: [{ kind: 'context', text: 'from the plugin' }] }]);
  const sent = JSON.stringify(model.requests[0]?.body);
  for (const text of ['sample:hello: Says hello', 'from the plugin', 'mcp__demo']) t.ok(sent.includes(text), text);

  t.same(await client.request('plugin/uninstall', { pluginId: ID }), {});
  t.same((await client.request('skills/list', {})).data[0]?.skills, []);
  t.same((await client.request('hooks/list', {})).data[0]?.hooks, []);
  t.same((await client.request('mcpServerStatus/list', {})).data, []);
  t.notOk(fs.existsSync(files));
  await scene.turn(thread, 'again');
  const tools = JSON.stringify(model.requests.at(-1)?.body.tools);
  t.notOk(tools.includes('mcp__demo'), 'the loaded thread is without it, too');
  t.same(await client.request('marketplace/remove', { marketplaceName: 'team' }), {
    marketplaceName: 'team',
    installedRoot: null,
  });
  t.ok(fs.existsSync(root));
});

t.test('a hook whose plugin has changed does not run, nor one that nobody trusts', async (t) => {
  const scene = await turnScene(t, []);
  await installed(scene);
  const runs: unknown[] = [];
  scene.client.onNotification('hook/completed', ({ run }) => runs.push(run));
  await scene.turn(await scene.startThread());
  t.same(runs, [], 'nobody has trusted it');
  await trust(scene);
  const thread = await scene.startThread();
  const said = path.join(scene.daemon.home, 'plugins', 'cache', 'team', 'sample', '1.0.0', 'said.txt');
  fs.writeFileSync(said, 'something else');
  await scene.turn(thread);
  t.match(runs, [
    { status: 'failed', entries: [{ kind: 'error', text: /plugin contents changed; hook approval required/ }] },
  ]);
  t.match((await scene.client.request('hooks/list', {})).data[0]?.hooks, [{ trustStatus: 'modified' }]);
  t.notOk(JSON.stringify(scene.model.requests.at(-1)?.body).includes('something else'));
});

t.test('a thread can do without a plugin', async (t) => {
  const scene = await turnScene(t, []);
  await installed(scene);
  const thread = await scene.startThread();
  const has = (text: string) => JSON.stringify(scene.model.requests.at(-1)?.body).includes(text);
  await scene.turn(thread);
  t.same([has('mcp__demo'), has('sample:hello')], [true, true]);
  await scene.client.request('thread/settings/update', { threadId: thread, disabledPluginIds: [ID] });
  await scene.turn(thread);
  t.equal(has('mcp__demo'), false);
  t.same((await scene.client.request('mcpServerStatus/list', { threadId: thread })).data, []);
});

t.test('what is refused', async (t) => {
  const scene = await turnScene(t, []);
  const { client } = scene;
  const { file } = await installed(scene);
  const refused = (request: Promise<unknown>, message: string | RegExp, code = -32600) =>
    t.rejects(request, { code, message });
  const vendor = (step: string) => `${step}: chatgpt authentication required for remote plugin catalog`;
  await refused(
    client.request('plugin/read', { pluginName: 'x' }),
    'plugin/read requires exactly one of marketplacePath or remoteMarketplaceName',
  );
  await refused(
    client.request('plugin/install', { marketplacePath: file, remoteMarketplaceName: 'q', pluginName: 'x' }),
    /requires exactly one/,
  );
  await refused(
    client.request('plugin/read', { remoteMarketplaceName: 'q', pluginName: 'x' }),
    vendor('read remote plugin details'),
  );
  await refused(
    client.request('plugin/install', { marketplacePath: file, pluginName: 'nope' }),
    'plugin `nope` was not found in marketplace `team`',
  );
  await refused(client.request('plugin/install', { marketplacePath: file, pluginName: 'web' }), /npm package/);
  t.match(await client.request('plugin/read', { marketplacePath: file, pluginName: 'web' }), {
    plugin: { description: /@a\/web/ },
  });
  await refused(
    client.request('plugin/list', { marketplaceKinds: ['shared-with-me'] }),
    vendor('list remote plugin catalog'),
  );
  await refused(
    client.request('plugin/uninstall', { pluginId: 'nope' }),
    vendor('resolve remote plugin before uninstall'),
  );
  await refused(client.request('plugin/uninstall', { pluginId: 'a/b@c' }), 'invalid remote plugin id');
  t.same(await client.request('plugin/uninstall', { pluginId: 'nope@team' }), {});
  t.same(await client.request('plugin/reconcile', {}), {
    changedPlugins: [],
    failedRemotePluginIds: [],
    failedMaterializationRemotePluginIds: [],
  });
  t.same(await client.request('marketplace/upgrade', {}), { selectedMarketplaces: [], upgradedRoots: [], errors: [] });
  await refused(
    client.request('marketplace/upgrade', { marketplaceName: 'zz' }),
    'marketplace `zz` is not configured as a Git marketplace',
  );
});
