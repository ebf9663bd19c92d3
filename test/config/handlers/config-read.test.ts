import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createFeatureSwitches } from '../../../server/config/settings/feature-switches.js';
import { readConfig } from '../../../server/config/handlers/config-read.js';
import { listFeatures } from '../../../server/config/handlers/experimental-feature.js';
import { listPermissionProfiles } from '../../../server/config/handlers/permission-profile-list.js';
import { pageOf } from '../../../server/rpc/connection/offset-page.js';
import { makeHome } from '../home.js';
import type { TestHome } from '../home.js';

interface Read {
  config: Record<string, unknown>;
  origins: Record<string, { name: { type: string } }>;
  layers?: { name: { type: string; dotCodexFolder?: string }; config: unknown; disabledReason?: string }[];
}

const read = (h: TestHome, params: { cwd?: string; includeLayers?: boolean } = {}, source = h.source): Read =>
  JSON.parse(
    JSON.stringify(readConfig(source, createFeatureSwitches(), { cwd: null, includeLayers: false, ...params })),
  ) as Read;

void t.test('layers in their order, merged, each value with its origin', (t) => {
  const h = makeHome(t, { config: '' });
  const sub = path.join(h.work, 'sub');
  for (const folder of [h.work, sub]) fs.mkdirSync(path.join(folder, '.codex'), { recursive: true });
  fs.writeFileSync(path.join(h.work, '.codex', 'config.toml'), 'model = "root"\nmodel_verbosity = "low"\n');
  fs.writeFileSync(path.join(sub, '.codex', 'config.toml'), 'model = "sub"\n');
  h.config(
    `model = "user"\nreview_model = "user"\nnotify = ["a", "b"]\n[projects."${h.work}"]\ntrust_level = "trusted"\n[sandbox_workspace_write]\nwritable_roots = ["rel", "/a/../b", "~/x"]\n`,
  );
  h.systemFile(
    'config.toml',
    'review_model = "sys"\nnotify = ["x", "y", "z"]\n[sandbox_workspace_write]\nnetwork_access = true\n',
  );
  h.systemFile('managed_config.toml', 'service_tier = "managed"\n');
  const source = h.another({ overrides: ['service_tier=flag', 'personality=none'] });
  const found = read(h, { cwd: sub, includeLayers: true }, source);
  t.same(
    found.layers?.map(({ name }) =>
      [name.type, name.dotCodexFolder?.replace(h.work, '')].filter((x) => x !== undefined).join(' '),
    ),
    ['legacyManagedConfigTomlFromFile', 'sessionFlags', 'project /sub/.codex', 'project /.codex', 'user', 'system'],
  );
  t.match(found.config, {
    model: 'sub',
    model_verbosity: 'low',
    review_model: 'user',
    service_tier: 'managed',
    personality: 'none',
    notify: ['a', 'b'],
    sandbox_workspace_write: {
      writable_roots: [`${h.home}/rel`, '/b', `${h.root}/user/x`],
      network_access: true,
      exclude_tmpdir_env_var: false,
    },
    model_provider: null,
  });
  const origins = Object.fromEntries(Object.entries(found.origins).map(([key, { name }]) => [key, name.type]));
  t.match(origins, {
    model: 'project',
    service_tier: 'legacyManagedConfigTomlFromFile',
    personality: 'sessionFlags',
    'notify.0': 'user',
    'sandbox_workspace_write.network_access': 'system',
    [`projects.${h.work}.trust_level`]: 'user',
  });
  t.notOk('notify.2' in origins, 'an element that is not effective has no origin');
  t.same(read(h, {}, source).config.model, 'user', 'without a folder there are no projects');
  t.end();
});

void t.test('the result: typed keys, defaults, no unknown key, no value that JSON lacks', (t) => {
  const h = makeHome(t, {
    config:
      'bogus = 1\napproval_policy = { granular = { sandbox_approval = true, rules = false, mcp_elicitations = true } }\n[desktop]\na = 1\nb = nan\nc = 1979-05-27\n[shell_environment_policy]\ninherit = "core"\n[features]\nmemories = true\n',
  });
  const { config } = read(h);
  t.notOk('bogus' in config);
  t.notOk('codexd' in config, "our own section is not the protocol's");
  t.match(config, {
    approval_policy: {
      granular: {
        sandbox_approval: true,
        rules: false,
        skill_approval: false,
        request_permissions: false,
        mcp_elicitations: true,
      },
    },
    desktop: { a: 1, b: 'NaN', c: '1979-05-27' },
    shell_environment_policy: { inherit: 'core', ignore_default_excludes: null, set: null },
    history: { persistence: 'save-all', max_bytes: null },
    features: { memories: true, network_proxy: null, mentions_v2: true },
    project_root_markers: ['.git'],
    profiles: {},
    permissions: null,
    client_search_provider: null,
  });
  t.end();
});

void t.test('every kind of invalid file has its own error', (t) => {
  const h = makeHome(t);
  const rows: readonly [config: string, message: RegExp][] = [
    ['x = [', /^failed to read configuration layers: .*config\.toml:1:\d+: /],
    [
      '[features]\nnetwork_proxy = "x"\n',
      /^invalid configuration: data did not match any variant of untagged enum FeatureToml\nin `features\.network_proxy`\n$/,
    ],
    ['default_permissions = "x"\n', /^failed to resolve feature override precedence: default_permissions requires/],
    ['profile = "p"\n', /^failed to resolve feature override precedence: legacy `profile = "p"`/],
  ];
  for (const [config, message] of rows) {
    h.config(config);
    t.throws(() => read(h), { rpcCode: -32603, message }, config);
  }
  t.end();
});

void t.test('profiles are listed although other settings are invalid, with the commands that may use them', (t) => {
  const h = makeHome(t, {
    config: 'sandbox_mode = "bogus"\n[permissions.b]\ndescription = "About b"\n[permissions.a]\nextends = "zzz"\n',
  });
  const list = (params: object = {}) =>
    listPermissionProfiles(h.source, { cursor: null, limit: null, cwd: null, ...params }).data;
  t.same(
    list().map(({ id, description, allowed }) => [id, description, allowed]),
    [
      [':read-only', null, true],
      [':workspace', null, true],
      [':danger-full-access', null, true],
      ['a', null, false],
      ['b', 'About b', true],
    ],
  );
  h.systemFile('requirements.toml', 'allowed_sandbox_modes = ["read-only"]\n');
  t.same(
    list().map(({ allowed }) => allowed),
    [true, false, false, false, true],
    'modes are demands on profiles, too',
  );
  t.end();
});

void t.test('features: requirements, then configuration, then enablement, then the default', (t) => {
  const h = makeHome(t, { config: '[features]\nmentions_v2 = false\n' });
  const switches = createFeatureSwitches();
  const enabled = (name: string): boolean | undefined =>
    listFeatures(h.source, switches, { cursor: null, limit: null, threadId: null }, null).data.find(
      (f) => f.name === name,
    )?.enabled;
  t.same([enabled('memories'), enabled('mentions_v2'), enabled('network_proxy')], [false, false, false]);
  t.same(switches.set({ memories: true, mentions_v2: true, apps: true, bogus: true }), {
    memories: true,
    mentions_v2: true,
  });
  t.same([enabled('memories'), enabled('mentions_v2')], [true, false], 'the file is stronger than the switch');
  h.systemFile('requirements.toml', '[features]\nmemories = false\nnetwork_proxy = true\n');
  t.same([enabled('memories'), enabled('network_proxy')], [false, true]);
  t.end();
});

void t.test('pages', (t) => {
  const items = ['a', 'b', 'c'];
  t.same(pageOf(items, { limit: 2 }, 'x'), { data: ['a', 'b'], nextCursor: '2' });
  t.same(pageOf(items, { cursor: '2', limit: 2 }, 'x'), { data: ['c'], nextCursor: null });
  t.same(pageOf(items, { cursor: '3' }, 'x'), { data: [], nextCursor: null });
  t.same(pageOf(items, { limit: 0 }, 'x').data, ['a']);
  for (const cursor of ['x', '', '-1', ' 1', '1.5'])
    t.throws(() => pageOf(items, { cursor }, 'x'), { rpcCode: -32600, message: `invalid cursor: ${cursor}` });
  t.throws(() => pageOf(items, { cursor: '4' }, 'things'), { message: 'cursor 4 exceeds total things 3' });
  t.end();
});
