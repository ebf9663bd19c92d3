/** `codexd features`: the list, and switches that keep the file as it was. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../fixtures/program.js';

t.setTimeout(120_000);

t.test('the list has name, stage and state in columns', async (t) => {
  const places = scratch(t, '[features]\ngoals = false\n');
  const { code, stdout } = await codexd(places, ['features', 'list']);
  t.equal(code, 0);
  const rows = stdout.trimEnd().split('\n');
  t.ok(rows.length > 50);
  for (const row of rows) {
    t.match(row, /^[a-z0-9_.]+ +(experimental|under development|stable|removed|deprecated) +(true|false)$/);
    t.equal(row.search(/ (true|false)$/), rows[0]?.search(/ (true|false)$/), 'one column');
  }
  t.strictSame(rows, [...rows].sort());
  t.match(
    rows.find((row) => row.startsWith('goals ')),
    /false$/,
  );
  const flagged = await codexd(places, ['features', 'list', '--enable', 'goals']);
  t.match(
    flagged.stdout.split('\n').find((row) => row.startsWith('goals ')),
    /true$/,
  );
});

t.test('enabling a feature changes one line of the file', async (t) => {
  const text =
    '# mine\nmodel = "x" # kept\n\n[features] # these\ngoals = false # for now\n\n[features.network_proxy] # proxy\nenabled = false\nmode = "full"\n';
  const places = scratch(t, text);
  const file = path.join(places.home, 'config.toml');
  const run = (...args: string[]) => codexd(places, ['features', ...args]);
  t.strictSame(await run('enable', 'goals'), {
    code: 0,
    stdout: 'Enabled feature `goals` in config.toml.\n',
    stderr: '',
  });
  t.equal(fs.readFileSync(file, 'utf8'), text.replace('goals = false', 'goals = true'));
  t.match(await run('disable', 'goals'), { code: 0, stdout: 'Disabled feature `goals` in config.toml.\n' });
  t.equal(fs.readFileSync(file, 'utf8'), text);
  t.match(await run('enable', 'guardianv2.thread_context'), { code: 0, stderr: /has been removed/ });
  t.match(fs.readFileSync(file, 'utf8'), '\n"guardianv2.thread_context" = true\n');
  fs.writeFileSync(file, text);
  t.match(await run('enable', 'network_proxy'), { code: 0 });
  t.equal(fs.readFileSync(file, 'utf8'), text.replace('enabled = false', 'enabled = true'), 'its settings stay');
});

t.test('a feature that cannot be changed leaves the file unchanged', async (t) => {
  const places = scratch(t, 'x = [');
  const run = (...args: string[]) => codexd(places, ['features', ...args]);
  t.match(await run('enable', 'nope'), { code: 1, stderr: 'Error: Unknown feature flag: nope\n' });
  t.match(await run('enable', 'goals'), { code: 1, stderr: /config\.toml:\d+:\d+/ });
  t.match(await run('enable'), {
    code: 2,
    stderr: /not provided:\n {2}<FEATURE>\n\nUsage: codexd features enable \[OPTIONS\] <FEATURE>/,
  });
  t.match(await run('enable', 'goals', 'goals'), { code: 2, stderr: /unexpected argument 'goals' found/ });
  t.match(await run('list'), { code: 1, stderr: /config\.toml:\d+:\d+/ });
  t.equal(fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'), 'x = [');
});
