// Not in test:quick: it tries random settings for seconds
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { fromSandboxPolicy } from '../../../server/config/permissions/legacy-sandbox-policy.js';
import { createFileReader } from '../../../server/config/layers/config-file.js';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { makeHome } from '../home.js';
import type { CommandSettings } from '../../../server/config/settings/command-settings.js';

const offline = (settings: CommandSettings): boolean =>
  settings.networkAccess(settings.defaultProfile).kind === 'offline';
const closed = (settings: CommandSettings): boolean => settings.defaultProfile.id === ':read-only' && offline(settings);

void t.test('network, feature, requirements: every row, for profiles and legacy modes', (t) => {
  const forms = {
    profile: (on: boolean) =>
      `default_permissions = "ws"\n[permissions.ws.filesystem]\n":root" = "read"\n[permissions.ws.network]\nenabled = ${on}\n[permissions.ws.network.domains]\n"ok.test" = "allow"\n`,
    legacy: (on: boolean) => `sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = ${on}\n`,
  };
  const rows: readonly [
    network: boolean,
    feature: string | null,
    managed: string | null,
    access: string,
    why: string,
  ][] = [
    [false, null, null, 'offline', 'off is off'],
    [false, 'true', null, 'offline', 'the feature opens nothing'],
    [false, '{ enabled = true, domains = { "*" = "allow" } }', null, 'offline', 'nor do its settings'],
    [true, null, null, 'direct', 'on without a proxy'],
    [true, 'false', null, 'direct', 'switched off is off'],
    [true, '{ enable_socks5 = false }', null, 'direct', 'settings without enabled are no switch'],
    [true, 'true', null, 'proxied', 'on through the proxy'],
    [true, '{ enabled = true }', null, 'proxied', 'a table with enabled'],
    [true, null, 'enabled = true', 'proxied', 'the requirements start it on their own'],
    [true, 'false', 'enabled = true', 'proxied', 'whatever the feature says'],
    [false, null, 'enabled = true', 'proxied', 'the only way out is the proxy'],
    [true, 'true', 'enabled = false', 'proxied', 'requirements that are off open nothing'],
    [true, 'true', '', 'proxied', 'nor do empty ones'],
    [true, null, 'enabled = false', 'direct', 'and close nothing'],
  ];
  for (const [form, config] of Object.entries(forms)) {
    for (const [network, feature, managed, access, why] of rows) {
      const h = makeHome(t, {
        config: `${config(network)}${feature === null ? '' : `[features]\nnetwork_proxy = ${feature}\n`}`,
      });
      if (managed !== null) h.systemFile('requirements.toml', `[experimental_network]\n${managed}\n`);
      const settings = h.source.settings();
      const name = `${form}, network ${network}, feature ${feature}, requirements ${managed}: ${why}`;
      t.equal(settings.networkAccess(settings.defaultProfile).kind, access, name);
    }
  }
  t.end();
});

void t.test('the same switches apply to an explicit policy', (t) => {
  const h = makeHome(t, { config: '[features]\nnetwork_proxy = true\n' });
  const write = (networkAccess: boolean) =>
    fromSandboxPolicy({
      type: 'workspaceWrite',
      writableRoots: [],
      networkAccess,
      excludeTmpdirEnvVar: false,
      excludeSlashTmp: false,
    });
  t.equal(
    h.source.settings().networkAccess(write(true)).kind,
    'proxied',
    'asking for the network does not escape the proxy',
  );
  t.equal(
    h.source.settings().networkAccess(fromSandboxPolicy({ type: 'dangerFullAccess' })).kind,
    'proxied',
    'nor does asking for everything',
  );
  h.systemFile('requirements.toml', '[experimental_network]\nenabled = true\n');
  t.equal(
    h.source.settings().networkAccess(write(false)).kind,
    'offline',
    'an explicitly offline policy is offline, managed proxy or not',
  );
  h.systemFile('requirements.toml', '[features]\nnetwork_proxy = false\n');
  t.equal(h.source.settings().networkAccess(write(true)).kind, 'direct', 'requirements pin the feature');
  t.end();
});

void t.test('the policy contains the rules of all sources, each with its source', (t) => {
  const h = makeHome(t, {
    config:
      'default_permissions = "ws"\n[permissions.ws.filesystem]\n":root" = "read"\n[permissions.ws.network]\nenabled = true\nmode = "limited"\nallow_local_binding = true\n[permissions.ws.network.domains]\n"a.test" = "allow"\n"b.test" = "deny"\n[features.network_proxy]\nenabled = true\nenable_socks5 = false\nmode = "full"\n[features.network_proxy.domains]\n"b.test" = "allow"\n',
  });
  h.systemFile(
    'requirements.toml',
    '[experimental_network]\nallow_local_binding = false\nmanaged_allowed_domains_only = true\ndenied_domains = ["a.test"]\nreview_domains = ["r.test"]\n',
  );
  const settings = h.source.settings();
  const access = settings.networkAccess(settings.defaultProfile);
  t.match(access, {
    kind: 'proxied',
    policy: {
      mode: 'full',
      domains: [
        { pattern: 'a.test', verdict: 'deny', source: 'managed' },
        { pattern: 'a.test', verdict: 'allow', source: 'profile' },
        { pattern: 'b.test', verdict: 'allow', source: 'feature' },
      ],
      reviewDomains: ['r.test'],
      allowLocalBinding: false,
      enableSocks5: false,
      managed: false,
      managedAllowedDomainsOnly: true,
    },
  });
  t.equal(settings.networkAccess(settings.defaultProfile), access, 'the same object while nothing changes');
  t.end();
});

void t.test('-c can set every switch', (t) => {
  const rows: readonly [flags: string[], socks: boolean, access: string][] = [
    [['features.network_proxy=true'], true, 'proxied'],
    [['features.network_proxy=true', 'features.network_proxy.enable_socks5=false'], false, 'proxied'],
    [['features.network_proxy.enable_socks5=false'], false, 'direct'],
    [
      [
        'features.network_proxy={enabled=true,domains={"a.test"="allow"}}',
        'features.network_proxy.domains."b.test"="deny"',
      ],
      true,
      'proxied',
    ],
  ];
  for (const [overrides, socks, access] of rows) {
    const h = makeHome(t, {
      config: 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = true\n',
      flags: { overrides },
    });
    const settings = h.source.settings();
    const found = settings.networkAccess(settings.defaultProfile);
    t.equal(found.kind, access, overrides.join(' '));
    if (found.kind === 'proxied') t.equal(found.policy.enableSocks5, socks, overrides.join(' '));
  }
  const over = makeHome(t, {
    config: 'default_permissions = ":workspace"\n[features]\nnetwork_proxy = true\n',
    flags: { overrides: ['features.network_proxy.enable_socks5=false'] },
  });
  const settings = over.source.settings();
  t.equal(
    settings.networkAccess(fromSandboxPolicy({ type: 'readOnly', networkAccess: true })).kind,
    'proxied',
    'a setting over a switch keeps it on',
  );
  t.end();
});

void t.test('the next call sees every kind of edit', (t) => {
  const h = makeHome(t);
  t.ok(closed(h.source.settings()));
  h.config('sandbox_mode = "workspace-write"\n');
  t.equal(h.source.settings().defaultProfile.id, null);
  h.config('sandbox_mode = "read-onlyyyyyyyyyyyy"\n');
  t.ok(closed(h.source.settings()), 'the same length, right after: not mistaken for the old text');
  fs.rmSync(path.join(h.home, 'config.toml'));
  t.ok(closed(h.source.settings()));
  t.end();
});

void t.test('with an invalid configuration everything is closed', (t) => {
  const open = 'sandbox_mode = "danger-full-access"\n';
  const rows: readonly [why: string, make: (file: string) => void][] = [
    ['not TOML', (file) => fs.writeFileSync(file, `${open}x = [`)],
    ['half written', (file) => fs.writeFileSync(file, 'sandbox_mode = "danger-full')],
    ['a bad value elsewhere', (file) => fs.writeFileSync(file, `${open}model = 5\n`)],
    ['a bad profile', (file) => fs.writeFileSync(file, 'default_permissions = "nope"\n')],
    ['two rules that do not go together', (file) => fs.writeFileSync(file, `${open}approval_policy = "untrusted"\n`)],
    ['a folder', (file) => fs.mkdirSync(file)],
    ['not UTF-8', (file) => fs.writeFileSync(file, Buffer.from([0x61, 0x3d, 0x22, 0xff, 0x22]))],
    ['a link to itself', (file) => fs.symlinkSync(file, file)],
    ['NUL bytes', (file) => fs.writeFileSync(file, `${open}\0`)],
  ];
  for (const [why, make] of rows) {
    const h = makeHome(t);
    make(path.join(h.home, 'config.toml'));
    const settings = h.source.settings();
    t.ok(closed(settings), why);
    t.throws(() => settings.profile(':danger-full-access'), { name: 'ConfigError' }, `${why}: no profile by name`);
    t.equal(
      checkStartup(h.source).warnings.length + (checkStartup(h.source).fatal === null ? 0 : 1),
      1,
      `${why}: and it is said`,
    );
  }
  t.end();
});

void t.test('no random TOML causes a crash or more permissions', (t) => {
  const h = makeHome(t);
  const piece = fc.oneof(
    fc.constantFrom(
      'sandbox_mode = "danger-full-access"',
      'default_permissions = "ws"',
      '[permissions.ws]',
      '[permissions.ws.filesystem]',
      '":root" = "write"',
      '":workspace_roots" = { "../x" = "write" }',
      '[permissions.ws.network]',
      'enabled = true',
      'domains = { "*" = "deny" }',
      'extends = "ws"',
      '[features]',
      'network_proxy = "x"',
      '[experimental_network]',
      '[sandbox_workspace_write]',
      'network_access = true',
      'writable_roots = [1, "/", "rel"]',
      '__proto__ = 1',
      'constructor = { prototype = 1 }',
      '[projects."/"]',
      'trust_level = "trusted"',
      'project_root_markers = [""]',
      '[shell_environment_policy]',
      'exclude = ["[", "*"]',
    ),
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, asRequirements) => {
      const text = pieces.join('\n');
      h.systemFile('requirements.toml', asRequirements ? text : null);
      h.config(asRequirements ? '' : text);
      const source = h.another({}, createFileReader({ waits: false }));
      const settings = source.settings();
      const usable = source.resolve(h.work).problem === null;
      settings.networkAccess(settings.defaultProfile);
      checkStartup(source);
      // Open is only what a whole, valid text says.
      return usable || closed(settings);
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1500) },
  );
  t.end();
});

void t.test('large values and many rules are read at once', (t) => {
  const domains = Array.from(
    { length: 10_000 },
    (_, i) => `"host${i}.test" = "${i % 7 === 0 ? 'deny' : 'allow'}"`,
  ).join('\n');
  const h = makeHome(t, {
    config: `default_permissions = "ws"\ninstructions = "${'x'.repeat(1_000_000)}"\n[permissions.ws.filesystem]\n":root" = "read"\n[permissions.ws.network]\nenabled = true\n[permissions.ws.network.domains]\n${domains}\n[features]\nnetwork_proxy = true\n`,
  });
  const settings = h.source.settings();
  const access = settings.networkAccess(settings.defaultProfile);
  t.equal(access.kind === 'proxied' && access.policy.domains.length, 10_000);
  t.equal(h.source.settings(), settings, 'and not read again');
  t.end();
});

void t.test("the variables of the daemon's own credentials are known", (t) => {
  const h = makeHome(t, {
    config: '[model_providers.a]\nname = "A"\nenv_key = "A_KEY"\n[model_providers.b]\nname = "B"\n',
  });
  t.same(h.source.settings().credentialNames, ['OPENAI_API_KEY', 'CODEX_API_KEY', 'A_KEY']);
  t.end();
});

void t.test('the default profile of the requirements counts if the configuration selects none', (t) => {
  const requirements =
    'default_permissions = ":workspace"\n[allowed_permission_profiles]\n":read-only" = true\n":workspace" = true\n"ws" = false\n';
  const profiles = '[permissions.ws.filesystem]\n":root" = "read"\n';
  const rows: readonly [config: string, id: string, why: string][] = [
    [profiles, ':workspace', 'profiles without a default are no error then'],
    ['', ':workspace', 'nothing configured at all'],
    [`default_permissions = ":read-only"\n${profiles}`, ':read-only', 'what is configured and allowed stays'],
    [`default_permissions = "ws"\n${profiles}`, ':workspace', 'what is not allowed is replaced'],
  ];
  for (const [config, id, why] of rows) {
    const h = makeHome(t, { config });
    h.systemFile('requirements.toml', requirements);
    t.equal(h.source.settings().defaultProfile.id, id, why);
    const invalid = checkStartup(h.source).warnings.filter(({ summary }) => summary.startsWith('Invalid'));
    t.same(invalid, [], why);
  }
  t.end();
});
