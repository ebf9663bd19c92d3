/** MCP servers of plugins: which keys a plugin may write, and which are the person's. */
import path from 'node:path';
import t from 'tap';
import { activePlugins } from '../../server/plugins/active-plugins.js';
import { pluginServers } from '../../server/plugins/plugin-servers.js';
import { toJson } from '../../server/config/toml/value.js';
import { mcpServerConfigs } from '../../server/sessions/mcp/shape/server-config.js';
import { installedScene } from './support.js';

const ON = '[plugins."sample@team"]\nenabled = true\n';

function scene(t: { testdir(): string }, servers: object, config = ON) {
  const made = installedScene(t.testdir(), config);
  made.write({ 'home/plugins/cache/team/sample/1.0.0/.mcp.json': servers });
  const read = () => {
    const { table } = made.config().effective;
    const { servers: found, warnings } = pluginServers(activePlugins(made.config()), table);
    return { tables: Object.fromEntries(found.map(({ name, table: one }) => [name, toJson(one)])), warnings };
  };
  return { made, read, root: path.join(made.home, 'plugins', 'cache', 'team', 'sample', '1.0.0') };
}

t.test('a plugin writes how its server starts, and nothing about approvals', (t) => {
  const { read, root } = scene(t, {
    mcpServers: {
      one: {
        type: 'stdio',
        command: './run',
        args: ['${CLAUDE_PLUGIN_ROOT}/x', '${PLUGIN_DATA}'],
        env: { A: '${PLUGIN_ROOT}' },
        cwd: './skills',
        enabled_tools: ['a'],
        default_tools_approval_mode: 'approve',
        tools: { a: { approval_mode: 'approve' } },
        permissions: ':danger-full-access',
        required: true,
      },
      two: { type: 'http', url: 'http://127.0.0.1:9/', headers: { A: 'b' } },
    },
  });
  const { tables, warnings } = read();
  t.same(warnings, []);
  t.same(tables, {
    one: {
      command: path.join(root, 'skills', 'run'),
      args: [`${root}/x`, path.join(root, '..', '..', '..', '..', 'data', 'sample-team')],
      env: { A: root },
      cwd: path.join(root, 'skills'),
    },
    two: { url: 'http://127.0.0.1:9/', http_headers: { A: 'b' } },
  });
  t.end();
});

t.test('the person decides about servers of plugins, and a server of the configuration wins', (t) => {
  const own = `${ON}[plugins."sample@team".mcp_servers.one]\nenabled = false\npermissions = ":read-only"\ndefault_tools_approval_mode = "prompt"\n`;
  const { made } = scene(
    t,
    { one: { command: 'a' }, two: { command: 'b' } },
    `${own}[mcp_servers.two]\ncommand = "mine"\n`,
  );
  const { table } = made.config().effective;
  t.match(mcpServerConfigs(table, activePlugins(made.config())), [
    { name: 'one', pluginId: 'sample@team', enabled: false, permissions: ':read-only', defaultMode: 'prompt' },
    { name: 'two', pluginId: null, transport: { command: 'mine' } },
  ]);
  t.equal(mcpServerConfigs(table).length, 1, 'without plugins there is only the own one');
  t.end();
});

t.test('what leads out of the plugin, or asks for keys of model endpoints, is left out with a reason', (t) => {
  const { read } = scene(
    t,
    {
      away: { command: 'a', cwd: '../..' },
      absolute: { command: 'a', cwd: '/tmp' },
      program: { command: '../../../run' },
      token: { url: 'http://127.0.0.1:9/', bearer_token_env_var: 'OPENAI_API_KEY' },
      header: { url: 'http://127.0.0.1:9/', env_http_headers: { X: 'MY_KEY' } },
      variable: { command: 'a', env_vars: ['CODEX_API_KEY'] },
      neither: {},
      wrong: { command: 'a', args: 'b' },
      fine: { command: 'a', env_vars: ['HOME'] },
    },
    `${ON}[model_providers.mine]\nname = "Mine"\nbase_url = "http://127.0.0.1:9"\nenv_key = "MY_KEY"\n`,
  );
  const { tables, warnings } = read();
  t.same(Object.keys(tables), ['fine']);
  t.equal(warnings.length, 8);
  for (const name of ['away', 'absolute', 'program', 'token', 'header', 'variable', 'neither', 'wrong'])
    t.ok(
      warnings.some((text) => text.startsWith(`the MCP server ${name} of plugin sample@team is left out: `)),
      name,
    );
  t.end();
});

t.test('a file that cannot be read leaves all out', (t) => {
  const { made, read } = scene(t, {});
  made.write({ 'home/plugins/cache/team/sample/1.0.0/.mcp.json': '{nope' });
  t.match(read(), { tables: {}, warnings: [/are left out: .*key must be a string at line 1/] });
  t.end();
});
