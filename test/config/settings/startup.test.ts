import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readConfig } from '../../../server/config/handlers/config-read.js';
import { createFeatureSwitches } from '../../../server/config/settings/feature-switches.js';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { makeHome } from '../home.js';

void t.test('the effect of each mistake on a start', (t) => {
  const rows: readonly [
    why: string,
    make: (h: ReturnType<typeof makeHome>) => void,
    fatal: string | null,
    warning: object | null,
  ][] = [
    ['nothing', () => {}, null, null],
    [
      'the user: no TOML',
      (h) => h.config('\nmodel = "x\n'),
      null,
      {
        summary: 'Invalid configuration; using defaults.',
        details: /config.toml:2:\d+: /,
        range: { start: { line: 2 } },
      },
    ],
    [
      'the user: a bad value',
      (h) => h.config('sandbox_mode = "x"\n'),
      null,
      {
        details: /config.toml:1:16: unknown variant `x`/,
        range: { start: { line: 1, column: 16 }, end: { line: 1, column: 18 } },
      },
    ],
    [
      'the user: a value of the wrong kind',
      (h) => h.config('sandbox_mode = 5\n'),
      null,
      { details: /config.toml:1:16: wanted string or table/ },
    ],
    [
      'the user: a bad profile',
      (h) => h.config('default_permissions = "ws"\n[permissions.ws.filesystem]\n":root" = "zz"\n'),
      null,
      { details: /config.toml:2:2: data did not match/, range: { end: { line: 2, column: 12 } } },
    ],
    [
      'the user: profiles without a default',
      (h) => h.config('[permissions.ws]\n'),
      null,
      { details: 'config defines `[permissions]` profiles but does not set `default_permissions`' },
    ],
    [
      'the user: a missing provider',
      (h) => h.config('model_provider = "zz"\n'),
      null,
      { details: 'Model provider `zz` not found' },
    ],
    [
      'the user: a retired value',
      (h) => h.config('approval_policy = "untrusted"\n'),
      'approval_policy = "untrusted" is no longer supported; remove this setting',
      null,
    ],
    [
      'the system: a bad value',
      (h) => h.systemFile('config.toml', 'model = 1\n'),
      '<system>/config.toml:1:9: invalid type: integer `1`, expected a string',
      null,
    ],
    [
      'the managed file: a bad value',
      (h) => h.systemFile('managed_config.toml', 'model = 1\n'),
      '<system>/managed_config.toml:1:9: invalid type: integer `1`, expected a string',
      null,
    ],
    [
      'the system: no TOML',
      (h) => h.systemFile('config.toml', 'x = [\n'),
      /^<system>\/config.toml:\d+:\d+: / as unknown as string,
      null,
    ],
    [
      'demands that cannot be enforced',
      (h) => h.systemFile('requirements.toml', '[otel]\nexporter = "statsig"\n'),
      /^requirements.toml `otel.exporter` cannot be enforced/ as unknown as string,
      null,
    ],
    [
      'unknown keys',
      (h) => h.config('z = 1\n[a]\nb = 1\n[features]\nbogus = true\n[model_providers.q]\nname = "q"\nyy = 1\n'),
      null,
      {
        summary:
          'Codex is ignoring 4 unrecognized configuration settings. Check for typos or deprecated settings.\n  user (<home>/config.toml): `a` is ignored.\n  user (<home>/config.toml): `features.bogus` is ignored.\n  user (<home>/config.toml): `model_providers.q.yy` is ignored.\n  ... and 1 more ignored settings.',
      },
    ],
    [
      'a project that is not trusted',
      (h) => {
        fs.mkdirSync(path.join(h.work, '.codex'));
      },
      null,
      {
        summary:
          /^Project-local config, hooks, and exec policies are disabled .*\n {4}1\. <work>\/\.codex\n {7}To load project-local/,
      },
    ],
  ];
  for (const [why, make, fatal, warning] of rows) {
    const h = makeHome(t);
    make(h);
    const named = (text: string): string =>
      text.replaceAll(h.home, '<home>').replaceAll(h.system, '<system>').replaceAll(h.work, '<work>');
    const found = JSON.parse(named(JSON.stringify(checkStartup(h.another())))) as ReturnType<typeof checkStartup>;
    if (fatal === null) t.equal(found.fatal, null, why);
    else t.match(found.fatal, fatal, why);
    if (warning === null) t.same(found.warnings, [], why);
    else t.match(found.warnings, [warning], why);
  }
  t.end();
});

void t.test('a mistake on the command line prevents the start', (t) => {
  const h = makeHome(t);
  const fatal = (override: string): string | null => checkStartup(h.another({ overrides: [override] })).fatal;
  t.equal(
    fatal('sandbox_mode=foo'),
    'unknown variant `foo`, expected one of `read-only`, `workspace-write`, `danger-full-access`\nin `sandbox_mode`',
  );
  t.equal(fatal('default_permissions=nope'), 'default_permissions requires a `[permissions]` table');
  t.equal(
    fatal('profile=p'),
    'legacy `profile = "p"` config is no longer supported; use `--profile p` with `p.config.toml` instead',
  );
  t.equal(fatal('bogus=1'), null, 'an unknown key is only a warning');
  t.end();
});

void t.test('--strict-config requires that every key is known, at the start and later', (t) => {
  const h = makeHome(t, { config: 'model = "x"\n' });
  const strict = (overrides: string[] = []) =>
    createConfigService({
      codexHome: h.home,
      cwd: h.work,
      strict: true,
      env: { HOME: h.root, CODEXD_SYSTEM_CONFIG_DIR: h.system },
      commandLine: { overrides, enable: [], disable: [] },
    });
  const source = strict();
  t.equal(checkStartup(source).fatal, null);
  t.equal(checkStartup(strict(['zz=1'])).fatal, 'unknown configuration field `zz` in -c/--config override');
  h.config('model = "x"\n[permissions.w]\nbogus = 1\n');
  t.equal(
    checkStartup(source).fatal,
    `${h.home}/config.toml:3:1: unknown configuration field \`permissions.w.bogus\``,
    'inside profiles, too',
  );
  t.throws(() => readConfig(source, createFeatureSwitches(), { includeLayers: false, cwd: null }), {
    rpcCode: -32603,
    message: `failed to read configuration layers: ${h.home}/config.toml:3:1: unknown configuration field \`permissions.w.bogus\``,
  });
  t.equal(source.settings().defaultProfile.id, ':read-only', 'and while there is one, the daemon is closed');
  t.end();
});
