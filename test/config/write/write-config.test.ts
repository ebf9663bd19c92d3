import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { tableAt } from '../../../server/config/toml/value.js';
import { layerVersion } from '../../../server/config/toml/layer-version.js';
import { writeConfig } from '../../../server/config/write/write-config.js';
import { elapse } from '../../fixtures/until.js';
import { makeHome } from '../home.js';
import type { ConfigService } from '../../../server/config/settings/config-service.js';
import type { WriteResult } from '../../../server/config/write/write-config.js';
import { startChild } from '../../fixtures/programs.js';
import { isForUserAlone } from '../../fixtures/for-user-alone.js';

const set = (
  source: ConfigService,
  edits: readonly [keyPath: string, value: unknown, strategy?: 'upsert'][],
  more: { filePath?: string; expectedVersion?: string } = {},
): Promise<WriteResult> =>
  writeConfig(source, {
    edits: edits.map(([keyPath, value, strategy]) => ({ keyPath, value, mergeStrategy: strategy ?? 'replace' })),
    filePath: more.filePath ?? null,
    expectedVersion: more.expectedVersion ?? null,
  });

void t.test('a refused write gives the reason and leaves the file unchanged', async (t) => {
  const h = makeHome(t, { config: 'model = "x"\nlist = [1]\n' });
  h.systemFile('requirements.toml', '[features]\nmemories = false\nnetwork_proxy = true\n');
  const file = path.join(h.home, 'config.toml');
  const validation = 'configValidationError';
  const rows: readonly [
    edits: Parameters<typeof set>[1],
    more: Parameters<typeof set>[2],
    code: string,
    message: string,
  ][] = [
    [[['', 'x']], {}, validation, 'keyPath must not be empty'],
    [[['a..b', 1]], {}, validation, 'keyPath segments must not be empty'],
    [[['.a', 1]], {}, validation, 'keyPath segments must not be empty'],
    [[['a.', 1]], {}, validation, 'keyPath segments must not be empty'],
    [[['""', 1]], {}, validation, 'keyPath segments must not be empty'],
    [[['a."b', 1]], {}, validation, 'unterminated quoted keyPath segment'],
    [[['a"b"', 1]], {}, validation, 'invalid quoted keyPath segment'],
    [[['"a"b', 1]], {}, validation, 'invalid quoted keyPath segment'],
    [[['model.a', 1]], {}, validation, 'cannot set value on non-table parent'],
    [[['list.0', 1]], {}, validation, 'cannot set value on non-table parent'],
    [
      [
        ['model', 'y'],
        ['profile', 'p'],
      ],
      {},
      validation,
      '`profile` is a legacy config selector and can no longer be written; use `--profile <name>` with `<name>.config.toml` instead',
    ],
    [
      [['mcp_servers.a', { command: 'x', args: null }]],
      {},
      validation,
      'invalid value: invalid type: null, expected any valid TOML value',
    ],
    [
      [['sandbox_mode', 'bogus']],
      {},
      validation,
      'Invalid configuration: unknown variant `bogus`, expected one of `read-only`, `workspace-write`, `danger-full-access`\nin `sandbox_mode`\n',
    ],
    [
      [
        ['model', 'y'],
        ['model_context_window', 'x'],
      ],
      {},
      validation,
      'Invalid configuration: invalid type: string "x", expected i64\nin `model_context_window`\n',
    ],
    [
      [['permissions.w.network.domains.x', 'maybe']],
      {},
      validation,
      'Invalid configuration: unknown variant `maybe`, expected `allow` or `deny`\nin `permissions`\n',
    ],
    [
      [['features.memories', true]],
      {},
      validation,
      `Invalid configuration: invalid value for \`features\`: \`features.memories=true\` is not in the allowed set [memories=false, network_proxy=true] (set by ${h.system}/requirements.toml)`,
    ],
    [
      [['model', 'y']],
      { expectedVersion: 'sha256:stale' },
      'configVersionConflict',
      'Configuration was modified since last read. Fetch latest version and retry.',
    ],
    [
      [['', 'x']],
      { expectedVersion: 'sha256:stale' },
      'configVersionConflict',
      'Configuration was modified since last read. Fetch latest version and retry.',
    ],
    ...[
      `${h.work}/.codex/config.toml`,
      'config.toml',
      '',
      h.home,
      `${h.home}/fast.config.toml`,
      `${h.system}/config.toml`,
    ].map(
      (filePath) =>
        [
          [['', 'x']],
          { filePath, expectedVersion: 'stale' },
          'configLayerReadonly',
          'Only writes to the user config are allowed',
        ] as [Parameters<typeof set>[1], Parameters<typeof set>[2], string, string],
    ),
  ];
  for (const [edits, more, code, message] of rows) {
    await t.rejects(
      set(h.source, edits, more),
      { rpcCode: -32600, message, data: { config_write_error_code: code } },
      JSON.stringify([edits, more]),
    );
    t.equal(fs.readFileSync(file, 'utf8'), 'model = "x"\nlist = [1]\n');
  }
  t.same(fs.readdirSync(h.home), ['config.toml'], 'nothing is left lying about');
});

void t.test('an existing bad value blocks other writes, and a write can repair it', async (t) => {
  const h = makeHome(t, { config: 'sandbox_mode = "bogus"\n' });
  await t.rejects(set(h.source, [['model', 'x']]), /in `sandbox_mode`/);
  t.match(await set(h.source, [['sandbox_mode', 'read-only']]), { status: 'ok' });
  h.config('x = [');
  await t.rejects(set(h.source, [['model', 'x']]), {
    rpcCode: -32603,
    message: /^failed to load configuration: .*config.toml:1:/,
  });
  fs.rmSync(path.join(h.home, 'config.toml'));
  fs.mkdirSync(path.join(h.home, 'config.toml'));
  await t.rejects(set(h.source, [['model', 'x']]), { rpcCode: -32603, message: /^failed to load configuration: / });
});

void t.test('a value that a higher layer overrides is written and reported', async (t) => {
  const h = makeHome(t, { config: 'model = "x"\n' });
  h.systemFile('config.toml', 'review_model = "sys"\n');
  const flags = h.another({ overrides: ['model=cli', 'desktop.a=1'] });
  t.match(await set(flags, [['model', 'mine']]), {
    status: 'okOverridden',
    overriddenMetadata: {
      message: 'Overridden by session flags',
      overridingLayer: { name: { type: 'sessionFlags' } },
      effectiveValue: 'cli',
    },
  });
  t.match(
    await set(flags, [['model', 'cli']]),
    { status: 'ok', overriddenMetadata: null },
    'the same value is not overridden',
  );
  t.match(await set(flags, [['model', null]]), { status: 'okOverridden' }, 'what is removed is still set above');
  t.match(
    await set(flags, [['desktop', { b: 2 }]]),
    { status: 'okOverridden', overriddenMetadata: { effectiveValue: { a: 1, b: 2 } } },
    'a table',
  );
  t.match(await set(flags, [['review_model', 'mine']]), { status: 'ok' }, 'lower layers do not count');
  h.systemFile('managed_config.toml', 'model = "managed"\n');
  t.match((await set(flags, [['model', 'mine']])).overriddenMetadata, {
    message: `Overridden by legacy managed_config.toml: ${h.system}/managed_config.toml`,
    effectiveValue: 'managed',
  });
});

void t.test('the file: mode, links, missing folders', async (t) => {
  const h = makeHome(t);
  const file = path.join(h.home, 'config.toml');
  await set(h.source, [['model', 'x']]);
  t.ok(await isForUserAlone(file));
  fs.chmodSync(file, 0o644);
  await set(h.source, [['model', 'y']]);
  t.ok(await isForUserAlone(file), 'whatever it was before');

  const elsewhere = path.join(h.root, 'dotfiles.toml');
  fs.renameSync(file, elsewhere);
  fs.symlinkSync('../dotfiles.toml', file);
  await set(h.source, [['model', 'z']]);
  t.ok(fs.lstatSync(file).isSymbolicLink(), 'a link stays one');
  t.equal(fs.readFileSync(elsewhere, 'utf8'), 'model = "z"\n');
  fs.rmSync(elsewhere);
  await set(h.source, [['model', 'again']]);
  t.equal(fs.readFileSync(elsewhere, 'utf8'), 'model = "again"\n', 'also one that pointed at nothing');

  const linked = path.join(h.root, 'linked');
  fs.symlinkSync(h.home, linked);
  t.equal(
    (await set(h.source, [['model', 'w']], { filePath: `${linked}/config.toml` })).filePath,
    `${linked}/config.toml`,
  );
  t.equal((await set(h.source, [['model', 'w']], { filePath: `${h.home}/../home/config.toml` })).filePath, file);
});

void t.test('versions: the answer has the new one, and only the current one allows a write', async (t) => {
  const h = makeHome(t);
  const first = await set(h.source, [['model', 'x']], { expectedVersion: layerVersion(parseToml('')) });
  t.equal(first.version, layerVersion(parseToml('model = "x"')));
  h.config('# by hand\nmodel = "x"\n');
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, (_, i) => set(h.source, [['model', `m${i}`]], { expectedVersion: first.version })),
  );
  t.equal(
    results.filter(({ status }) => status === 'fulfilled').length,
    1,
    'of five with one version one gets through',
  );
  t.match(fs.readFileSync(path.join(h.home, 'config.toml'), 'utf8'), /^# by hand\n/);
});

const writer = path.join(path.dirname(fileURLToPath(import.meta.url)), 'writer.js');

function daemon(home: string, name: string, count: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = startChild(process.execPath, [writer, home, name, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => resolve(`${code} ${out}`.trim()));
  });
}

/** An editor with a cursor in the file: reads, adds a line, and saves by rename or in place. */
async function edit(file: string, line: string, inPlace: boolean): Promise<boolean> {
  const before = fs.readFileSync(file, 'utf8');
  const text = `${line}\n${before}`;
  if (inPlace) fs.writeFileSync(file, text);
  else {
    fs.writeFileSync(`${file}.editor`, text);
    fs.renameSync(`${file}.editor`, file);
  }
  await elapse(15, 'the daemons write meanwhile');
  // Whether the daemons' writes, which are based on the earlier text, continue the line.
  return fs.readFileSync(file, 'utf8').includes(line);
}

void t.test('three daemons and an editor lose no write and no comment', { timeout: 60_000 }, async (t) => {
  const count = Number(process.env.WRITER_ROUNDS ?? 25);
  const h = makeHome(t, { config: '# the first comment\nmodel = "x" # stays\n\n[desktop] # ours\ncounter = 0\n' });
  const file = path.join(h.home, 'config.toml');
  const running = Promise.all(['a', 'b', 'c'].map((name) => daemon(h.home, name, count)));
  let done = false;
  void running.then(() => (done = true));
  const saved: string[] = [];
  for (let i = 0; !done; i++) {
    const line = `# editor ${i}`;
    if (await edit(file, line, i % 2 === 0)) saved.push(line);
    await elapse(20, 'an editor saves now and then');
  }
  t.same(await running, ['0', '0', '0']);
  const text = fs.readFileSync(file, 'utf8');
  const desktop = tableAt(parseToml(text), 'desktop');
  for (const line of saved) t.ok(text.includes(line), `${line} is there`);
  t.match(text, /# the first comment\nmodel = "x" # stays\n\n\[desktop\] # ours\n/);
  // The editor does not use the lock, so it may overwrite changes between its own reading and saving. All changes from
  // before its reading must be there.
  t.ok(Object.keys(desktop).length > 3);
  t.same(fs.readdirSync(h.home), ['config.toml'], 'no lock, no temporary file');
});

void t.test('three daemons alone lose nothing', { timeout: 60_000 }, async (t) => {
  const count = Number(process.env.WRITER_ROUNDS ?? 25);
  const h = makeHome(t, { config: '# c\n[desktop]\ncounter = 0 # n\n' });
  t.same(await Promise.all(['a', 'b', 'c'].map((name) => daemon(h.home, name, count))), ['0', '0', '0']);
  const text = fs.readFileSync(path.join(h.home, 'config.toml'), 'utf8');
  const desktop = tableAt(parseToml(text), 'desktop');
  t.equal(desktop.counter, 3 * count, 'every compare-and-set counted once');
  for (const name of ['a', 'b', 'c']) {
    t.same(Object.keys(tableAt(desktop, name)).length, count, `all keys of ${name}`);
  }
  t.match(text, /^# c\n\[desktop\]\ncounter = \d+ # n\n/);
});

void t.test('a lock whose owner died is taken over', async (t) => {
  const h = makeHome(t);
  const lock = path.join(h.home, '.config.toml.lock');
  fs.writeFileSync(lock, '999999999 1 nobody gone');
  fs.utimesSync(lock, 1, 1);
  t.match(await set(h.source, [['model', 'x']]), { status: 'ok' });
  t.notOk(fs.existsSync(lock));
});
