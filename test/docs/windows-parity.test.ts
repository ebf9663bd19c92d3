/** The comparison with the official Windows program: spelling of paths, what counts as the same, and its scenarios. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

const folder = path.join(packageRoot(), 'scripts', 'windows', 'parity');
const load = async (name: string): Promise<unknown> => import(path.join(folder, `${name}.mjs`));
type Change = (text: string) => string;
type Outcome = { observations: readonly { key: string; mode: string; value: unknown }[] };

const { spellings, mapStrings, windowsToml } = (await load('paths')) as {
  spellings: (folder: string) => { windows: Change; linux: Change };
  mapStrings: (value: unknown, change: Change) => unknown;
  windowsToml: (paths: { windows: Change }, toml: string) => string;
};
const { compare } = (await load('compare')) as {
  compare: (official: Outcome, codexd: Outcome) => readonly { key: string; same: boolean }[];
};
const { normalizer } = (await load('normalize')) as {
  normalizer: (words: readonly [string, string][]) => (value: unknown) => unknown;
};

t.test('a path has one spelling on each system, in texts and in JSON inside of texts', async (t) => {
  const paths = spellings('/tmp/p-1');
  t.equal(paths.windows('see /tmp/p-1/a/b.txt, and /tmp/p-12'), 'see C:\\parity\\a\\b.txt, and /tmp/p-12');
  t.equal(paths.linux('C:\\parity\\a c:/PARITY/b'), '/tmp/p-1/a /tmp/p-1/b');
  t.equal(paths.linux('\\\\?\\C:\\parity\\a'), '/proc/self/root/tmp/p-1/a', 'another spelling stays another');
  t.equal(paths.windows('/proc/self/root/tmp/p-1/a'), '\\\\?\\C:\\parity\\a');
  t.equal(paths.linux('C:\\tmp\\p-1\\a'), '/tmp/p-1/a', 'as Windows reads a path without a drive');
  t.strictSame(mapStrings({ arguments: '{"dir":"/tmp/p-1"}', n: [1, null] }, paths.windows), {
    arguments: '{"dir":"C:\\\\parity"}',
    n: [1, null],
  });
  t.equal(windowsToml(paths, `a = "/tmp/p-1/x"\nb = '/tmp/p-1'`), `a = "C:\\\\parity\\\\x"\nb = 'C:\\parity'`);
});

t.test('ids, times and paths are the same words in both runs', async (t) => {
  const normalize = normalizer([['C:\\parity\\run-1', '<place>']]);
  const id = '0199aaaa-0000-7000-8000-000000000001';
  t.strictSame(normalize({ id, again: id, createdAt: 5, path: `C:\\parity\\run-1\\x`, n: 3 }), {
    id: '<id 1>',
    again: '<id 1>',
    createdAt: '<volatile>',
    path: '<place>\\x',
    n: 3,
  });
});

t.test('a check is the same, or it differs; only numbers of system errors count', async (t) => {
  const outcome = (...values: readonly unknown[]): Outcome => ({
    observations: values.map((value, n) => ({ key: String(n), mode: 'exact', value })),
  });
  const same = (official: unknown, codexd: unknown): boolean | undefined =>
    compare(outcome(official), outcome(codexd))[0]?.same;
  t.ok(same({ a: 1, b: [2] }, { b: [2], a: 1 }));
  t.notOk(same({ a: 1 }, { a: 1, b: 2 }));
  t.ok(same('failed: File not found. (os error 2)', 'failed: The system cannot find the file. (os error 2)'));
  t.notOk(same('failed: x (os error 2)', 'failed: x (os error 3)'));
  t.strictSame(
    compare(outcome(1, 2), outcome(1)).map(({ same: is }) => is),
    [true, false],
    'a missing one differs',
  );
});

const MADE_FOR_LINUX = new Set(['turns/approval-on-request#asked', 'turns/rules-file#asked']);

t.test('every explained difference is one of a scenario that exists, with its reason', async (t) => {
  const data = path.join(packageRoot(), 'test', 'windows', 'parity');
  const read = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(data, file), 'utf8'));
  const names = fs.readdirSync(path.join(data, 'scenarios')).flatMap((file) => {
    const { scenarios } = read(path.join('scenarios', file)) as { scenarios: readonly { name: string }[] };
    return scenarios.map(({ name }) => `${path.basename(file, '.json')}/${name}`);
  });
  t.strictSame(names, [...new Set(names)]);
  for (const [check, reason] of Object.entries(read('known-differences.json') as Record<string, string>)) {
    // Scenarios that are made for Linux are not in this repository (docs/platforms.md).
    const ofOthers = MADE_FOR_LINUX.has(check);
    t.ok(ofOthers || names.includes(check.split('#')[0] ?? ''), check);
    t.match(reason, /\.$/);
  }
});
