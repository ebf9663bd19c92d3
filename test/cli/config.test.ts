/** `codexd config`, and what strictness means to every command: real processes on files of their own. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { runToEnd } from '../fixtures/programs.js';

const program = path.join(packageRoot(), 'bin', 'codexd.cjs');

function place(t: Test, files: Readonly<Record<string, string>> = {}) {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-config-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const [home, system, work] = ['home', 'system', 'work'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, system, work]) fs.mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  const env = { PATH: process.env.PATH, HOME: root, CODEX_HOME: home, CODEXD_SYSTEM_CONFIG_DIR: system };
  const run = (...args: string[]) => {
    const {
      exitCode: code,
      stdout,
      stderr,
    } = runToEnd(process.execPath, [program, ...args], { cwd: work, env, extendEnv: false, input: '' });
    return { code, out: stdout.replaceAll(root, ''), err: stderr.replaceAll(root, '') };
  };
  return { root, work, run };
}

t.test('config check names every mistake of every file, with its place and the way out', (t) => {
  const { run, work } = place(t, {
    'home/config.toml': `modle = "x"
model = 5
[projects."WORK"]
trust_level = "trusted"
[tui]
notfications = true
theme = 4
[features]
hoks = true
`,
    'home/rules/default.rules': 'prefix_rule(pattern=["ls"], decision="maybe")\n',
    'system/config.toml': '[agents]\nmax_threads = 6\n',
    'system/requirements.toml': 'allowed_sandbox_mode = ["read-only"]\n',
    'work/.git/HEAD': 'ref: refs/heads/main\n',
    'work/.codex/config.toml': 'model_verbosity = "loud"\n',
  });
  const { code, out, err } = run('config', 'check');
  t.equal(code, 1);
  const lines = out.trim().split('\n');
  t.same(
    lines.map((line) => line.split(': ').slice(0, 2).join(' ')),
    [
      '/system/config.toml:2:1 warning',
      '/home/config.toml:1:1 warning',
      '/home/config.toml:2:9 error',
      '/home/config.toml:6:1 warning',
      '/home/config.toml:7:9 error',
      '/home/config.toml:9:1 warning',
      '/work/.codex/config.toml:1:19 error',
      '/system/requirements.toml:1:1 error',
      '/home/rules/default.rules:1:1 error',
    ],
  );
  t.match(lines[1], 'did you mean `model`?');
  t.match(lines[5], /unknown key `features\.hoks`.*did you mean `hooks`\?/);
  t.match(lines[7], 'it restricts nothing; did you mean `allowed_sandbox_modes`?');
  t.match(err, '5 files read, 5 errors, 4 warnings');

  const json = run('config', 'check', '--json', '--cwd', work);
  t.equal(json.code, 1);
  const { ok, findings } = JSON.parse(json.out) as { ok: boolean; findings: Record<string, unknown>[] };
  t.equal(ok, false);
  t.match(findings[2], { severity: 'error', file: '/home/config.toml', line: 2, column: 9, key: 'model' });
  t.end();
});

t.test('config check: contradictions between files, and valid files', (t) => {
  const empty = place(t);
  t.match(empty.run('config', 'check'), { code: 0, out: '', err: '0 files read, 0 errors, 0 warnings\n' });
  for (const [files, code, line] of [
    [
      { 'home/config.toml': 'model_provider = "nope"\n' },
      1,
      /^\/home\/config.toml:1:1: error: Model provider `nope` not found/,
    ],
    [
      { 'home/config.toml': 'default_permissions = "w"\n' },
      1,
      /^\/home\/config.toml:1:1: error: .*`\[permissions\]` table/,
    ],
    [{ 'home/config.toml': 'model = [\n' }, 1, /^\/home\/config.toml:2:1: error: .*until it is TOML$/m],
    [{ 'home/config.toml': '\u0000' }, 1, /^\/home\/config.toml:1:1: error: /],
    [
      { 'system/requirements.toml': 'allowed_sandbox_modes = ["workspace-write"]\n' },
      1,
      /requirements.toml:1:1: error: .*; add "read-only" to the list/,
    ],
    [
      { 'system/requirements.toml': 'config_server = 1\n' },
      1,
      /requirements.toml:1:1: error: .*`config_server` cannot be enforced/,
    ],
    [
      { 'system/requirements.toml': '[features]\nhoks = true\n' },
      1,
      /requirements.toml:2:1: error: unknown feature `hoks`.*did you mean `hooks`/,
    ],
    [
      {
        'system/requirements.toml': 'allowed_approval_policies = ["on-request"]\n',
        'home/config.toml': 'approval_policy = "never"\n',
      },
      0,
      /^warning: Configured value for `approval_policy` is disallowed.*; the requirements decide/,
    ],
    [{ 'home/config.toml': 'bogus = 1\n' }, 0, /^\/home\/config.toml:1:1: warning: unknown key `bogus`/],
  ] as const) {
    const found = place(t, files).run('config', 'check');
    t.match(found.out, line, JSON.stringify(files));
    t.equal(found.code, code, JSON.stringify(files));
  }
  const strict = place(t, { 'home/config.toml': 'bogus = 1\n' });
  t.match(strict.run('config', 'check', '--strict-config'), { code: 1, out: /: error: unknown key `bogus`/ });
  t.match(
    empty.run('-c', 'modle=1', 'config', 'check').out,
    /^warning: unknown key `modle` on the command line: .*`model`\?/,
  );
  t.match(empty.run('config', 'check', '-c', 'model=5'), { code: 1, out: /^error: invalid type: integer `5`/ });
  t.match(strict.run('config', 'check', '--cwd', '/gone'), { code: 1, err: 'Error: --cwd /gone is not a folder\n' });
  t.end();
});

t.test('config check: a mistake in a hook of a profile, by type and by meaning', (t) => {
  const { run, root } = place(t);
  const hook = (methods: string, host: string): string =>
    `default_permissions = "p"
[permissions.p.filesystem]
":root" = "read"
[permissions.p.network.mitm.hooks.a]
methods = ${methods}
path_prefixes = ["/"]
action = ["x"]
host = "${host}"
[permissions.p.network.mitm.actions.x]
strip_request_headers = ["a"]
`;
  const rows = [
    [hook('"GET"', 'a.test'), /^\/home\/config\.toml:5:11: error: invalid type: string "GET", expected a sequence/],
    [hook('["GET"]', '*.test'), /^\/home\/config\.toml:8:1: error: invalid network\.mitm\.hooks\.a\.host: .*wildcards/],
  ] as const;
  for (const [text, message] of rows) {
    fs.writeFileSync(path.join(root, 'home', 'config.toml'), text);
    t.match(run('config', 'check').out, message);
  }
  t.end();
});

t.test('config show: configured values, and effective values after the requirements', (t) => {
  const { run } = place(t, {
    'home/config.toml': `sandbox_mode = "danger-full-access"
approval_policy = "never"
web_search = "live"
[mcp_servers.a]
command = "x"
env = { TOKEN = "SECRET" }
`,
    'system/requirements.toml': `allowed_sandbox_modes = ["read-only"]
allowed_approval_policies = ["on-request"]
allow_login_shell = false
[features]
hooks = false
`,
  });
  const plain = run('config', 'show', '--origins');
  t.match(plain.out, 'sandbox_mode = "danger-full-access"  # user (/home/config.toml)\n');
  t.notMatch(plain.out, 'SECRET');
  t.match(plain.out, 'mcp_servers.a.env.TOKEN = "[redacted]"');
  t.match(plain.err, 'is disallowed by requirements');

  const { out } = run('config', 'show', '--effective');
  const by = 'requirements (/system/requirements.toml)';
  for (const line of [
    `sandbox_mode = "read-only"  # ${by}, in place of "danger-full-access"`,
    `approval_policy = "on-request"  # ${by}, in place of "never"`,
    'allow_login_shell = false',
    'features.hooks = false',
    'web_search = "live"',
    `# ${by} demands: allowed_sandbox_modes = ["read-only"]`,
  ])
    t.ok(out.split('\n').includes(line), line);
  const origins = run('config', 'show', '--effective', '--origins').out;
  t.match(origins, `allow_login_shell = false  # ${by}\n`);
  t.match(origins, 'approvals_reviewer = "user"  # default\n');
  const json = JSON.parse(run('config', 'show', '--effective', '--json').out) as {
    keys: unknown[];
    requirements: unknown[];
  };
  t.match(json.keys[0], { key: ['sandbox_mode'], value: 'read-only', origin: by, insteadOf: 'danger-full-access' });
  t.equal(json.requirements.length, 4);

  const none = place(t);
  t.match(none.run('config', 'show'), { code: 0, out: '', err: /nothing is configured/ });
  t.equal(
    none.run('config', 'show', '--effective', '--origins').out,
    'approval_policy = "on-request"  # default\napprovals_reviewer = "user"  # default\ndefault_permissions = ":read-only"  # default\n',
  );
  t.end();
});

t.test('a forbidden profile is shown as the profile that replaces it', (t) => {
  const { run } = place(t, {
    'home/config.toml': 'default_permissions = ":danger-full-access"\n',
    'system/requirements.toml':
      'default_permissions = ":workspace"\n[allowed_permission_profiles]\n":workspace" = true\n":read-only" = true\n',
  });
  t.match(
    run('config', 'show', '--effective').out,
    /^default_permissions = ":workspace" {2}# .*in place of ":danger-full-access"$/m,
  );
  t.end();
});

t.test('--strict-config is strict for every command', (t) => {
  const commands: readonly string[][] = [
    ['app-server', '--strict-config'],
    ['exec', '--strict-config', '--skip-git-repo-check', 'hi'],
    ['sandbox', '--strict-config', '--', 'true'],
    ['--strict-config', 'sandbox', '--', 'true'],
    ['config', 'show', '--strict-config'],
  ];
  for (const [files, error] of [
    [{ 'home/config.toml': 'model = [\n' }, /^Error: \/home\/config.toml:2:1: [^\n]+\n$/],
    [
      { 'home/config.toml': 'model = 5\n' },
      'Error: /home/config.toml:1:9: invalid type: integer `5`, expected a string\n',
    ],
    [{ 'home/config.toml': 'bogus = 1\n' }, 'Error: /home/config.toml:1:1: unknown configuration field `bogus`\n'],
    [{ 'home/config.toml': 'model_provider = "zz"\n' }, 'Error: Model provider `zz` not found\n'],
    [{ 'system/requirements.toml': 'x = [\n' }, /^Error: failed to parse requirements layer /],
    [
      { 'system/requirements.toml': 'allowed_sandbox_mode = []\n' },
      /^Error: unknown requirements field `allowed_sandbox_mode`/,
    ],
  ] as const) {
    const { run } = place(t, files);
    for (const command of commands) {
      const { code, out, err } = run(...command);
      t.equal(code, 1, `${command.join(' ')}: ${JSON.stringify(files)}`);
      t.match(err, error, command.join(' '));
      t.equal(out, '');
    }
  }
  t.end();
});

t.test('--print-startup-config reports unreadable requirements', (t) => {
  const { run } = place(t, { 'system/requirements.toml': 'x = [\n' });
  const { code, err } = run('app-server', '--print-startup-config');
  t.equal(code, 1);
  t.match(err, /^Error: failed to read configuration layers: .*requirements\.toml/);
  t.notMatch(err, /RpcError|\n {4}at /);
  t.end();
});

t.test('both schemas describe every key', (t) => {
  const { run } = place(t);
  for (const args of [[], ['--requirements']]) {
    const { code, out } = run('config', 'schema', ...args);
    t.equal(code, 0);
    t.same([...undescribed(JSON.parse(out) as Schema, '')], [], args.join());
  }
  t.end();
});

interface Schema {
  readonly description?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

function* undescribed(schema: Schema, at: string): Generator<string> {
  for (const [key, one] of Object.entries(schema.properties ?? {})) {
    if (one.description === undefined && one.const === undefined) yield `${at}.${key}`;
    yield* undescribed(one, `${at}.${key}`);
  }
  const { additionalProperties: rest, items, anyOf = [], oneOf = [] } = schema;
  for (const inner of [typeof rest === 'object' ? rest : null, items ?? null, ...anyOf, ...oneOf]) {
    if (inner !== null) yield* undescribed(inner, `${at}.*`);
  }
}
