import t from 'tap';
import { checkTable, unknownKeys } from '../../../server/config/shape/check.js';
import { configShape } from '../../../server/config/shape/config-shape.js';
import { configJsonSchema } from '../../../server/config/shape/config-json-schema.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

void t.test('errors have the texts that clients know', (t) => {
  const rows: readonly [toml: string, text: string, place: string][] = [
    ['model = 5', 'invalid type: integer `5`, expected a string', 'model'],
    ['model_context_window = "abc"', 'invalid type: string "abc", expected i64', 'model_context_window'],
    ['model_context_window = 1.0', 'invalid type: floating point `1.0`, expected i64', 'model_context_window'],
    ['mcp_oauth_callback_port = 70000', 'invalid value: integer `70000`, expected u16', 'mcp_oauth_callback_port'],
    ['tool_output_token_limit = -1', 'invalid value: integer `-1`, expected usize', 'tool_output_token_limit'],
    [
      'goals.max_goal_token_budget = 0',
      'invalid value: integer `0`, expected a nonzero u64',
      'goals.max_goal_token_budget',
    ],
    ['notify = [1]', 'invalid type: integer `1`, expected a string', 'notify'],
    ['notify = {}', 'invalid type: map, expected a sequence', 'notify'],
    [
      'sandbox_workspace_write = true',
      'invalid type: boolean `true`, expected struct SandboxWorkspaceWrite',
      'sandbox_workspace_write',
    ],
    [
      'sandbox_mode = "x"',
      'unknown variant `x`, expected one of `read-only`, `workspace-write`, `danger-full-access`',
      'sandbox_mode',
    ],
    ['forced_login_method = "x"', 'unknown variant `x`, expected `chatgpt` or `api`', 'forced_login_method'],
    [
      'model_providers.a = { name = "x", wire_api = "zz" }',
      'unknown variant `zz`, expected one of `responses`, `chat`, `replay`',
      'model_providers.a.wire_api',
    ],
    ['sandbox_mode = {}', 'wanted exactly 1 element, found 0 elements', 'sandbox_mode'],
    ['approval_policy = { granular = {} }', 'missing field `sandbox_approval`', 'approval_policy'],
    ['features.memories = 1', 'invalid type: integer `1`, expected a boolean', 'features'],
    [
      'features.network_proxy = "x"',
      'data did not match any variant of untagged enum FeatureToml',
      'features.network_proxy',
    ],
    [
      'features.network_proxy = { bogus = 1 }',
      'data did not match any variant of untagged enum FeatureToml',
      'features.network_proxy',
    ],
    ['permissions.w.network.enabled = 1', 'invalid type: integer `1`, expected a boolean', 'permissions'],
    ['permissions.w.network.domains.a = "none"', 'unknown variant `none`, expected `allow` or `deny`', 'permissions'],
    [
      'permissions.w.filesystem.a = "zz"',
      'data did not match any variant of untagged enum FilesystemPermissionToml',
      'permissions',
    ],
    ['apps.x.default_tools_approval_mode = 1', 'invalid type: integer `1`, expected string or map', 'apps'],
    ['apps._default.enabled = 1', 'invalid type: integer `1`, expected a boolean', 'apps._default.enabled'],
    ['hooks.Stop = [{ hooks = [{ type = "command" }] }]', 'missing field `command`', 'hooks'],
    [
      'hooks.Stop = [{ hooks = [{ type = "zz" }] }]',
      'unknown variant `zz`, expected one of `command`, `mcp_tool`, `prompt`, `agent`',
      'hooks',
    ],
    ['mcp_enterprise_managed_auth = { zz = 1 }', 'unknown field `zz`, expected `idp`', 'mcp_enterprise_managed_auth'],
    [
      'projects."/a".trust_level = "zz"',
      'unknown variant `zz`, expected `trusted` or `untrusted`',
      'projects./a.trust_level',
    ],
    [
      'codexd.command_exec.on_network_denial = "x"',
      'unknown variant `x`, expected `cancel` or `refuse`',
      'codexd.command_exec.on_network_denial',
    ],
  ];
  for (const [toml, text, place] of rows) {
    const mismatch = checkTable(parseToml(toml), configShape());
    t.equal(mismatch?.text, text, toml);
    t.equal(mismatch?.path.join('.'), place, `${toml}: place`);
  }
  t.end();
});

void t.test('legacy lists in a profile are refused, and the error names the table to use', (t) => {
  for (const [key, table] of [
    ['allowed_domains', 'domains'],
    ['denied_domains', 'domains'],
    ['allow_unix_sockets', 'unix_sockets'],
  ]) {
    const mismatch = checkTable(parseToml(`permissions.w.network.${key} = ["x"]`), configShape());
    t.match(mismatch?.text, `\`${key}\` is not supported`);
    t.match(mismatch?.text, `[permissions.<profile>.network.${table}]`);
  }
  t.end();
});

void t.test('unknown keys are named once, at the highest unknown level', (t) => {
  const unknown = (toml: string): string[] => unknownKeys(parseToml(toml), configShape()).map((path) => path.join('.'));
  t.same(unknown('bogus.a = 1\nbogus.b = 2\nmodel = "x"'), ['bogus']);
  t.same(unknown('features = { zz = true, apps = true, network_proxy = { enabled = true } }'), ['features.zz']);
  t.same(
    unknown('permissions.w.zz = 1\npermissions.w.network.yy = 1'),
    ['permissions.w.network.yy', 'permissions.w.zz'].sort().reverse(),
  );
  t.same(unknown('codexd.command_exec.on_network_denial = "refuse"\ndesktop.anything.goes = 1'), []);
  t.end();
});

void t.test('the JSON Schema has the same keys', (t) => {
  const schema = configJsonSchema() as { properties: Record<string, { type?: string; enum?: string[] }> };
  t.same(Object.keys(schema.properties).sort(), Object.keys(configShape().fields).sort());
  t.same(schema.properties.sandbox_mode?.enum, ['read-only', 'workspace-write', 'danger-full-access']);
  t.end();
});

void t.test('known settings of the same tables are still checked, and so is an invalid profile', (t) => {
  for (const [toml, text] of [
    ['agents.max_depth = "x"', /expected i32/],
    ['agents.reviewer = { description = 5 }', /expected a string/],
    ['mcp_servers.mine = { args = 5 }', /expected a sequence/],
    ['permissions.mine.filesystem = { "/x" = 5 }', /FilesystemPermissionToml/],
    ['features.hooks = 5', /expected a boolean/],
    [
      'model_providers.a = { name = "a", auth = { command = "t" }, env_key = "K", requires_openai_auth = true }',
      /model_providers.a: provider auth cannot be combined with env_key, requires_openai_auth$/,
    ],
  ] as const)
    t.match(checkTable(parseToml(toml), configShape())?.text, text, toml);
  t.end();
});
