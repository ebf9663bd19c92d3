import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createNestedScanner } from '../../../server/sandbox/policy/nested-protected.js';
import { paths } from '../../../server/system/files/paths.js';
import { slashed } from '../../fixtures/local-paths.js';

const relative = (root: string, found: readonly string[]): readonly string[] =>
  found.map((place) => slashed(path.relative(root, place))).sort();

t.test('protected names below the top are found, nearest first', async (t) => {
  const root = t.testdir({
    '.git': {},
    vendor: { x: { '.git': { hooks: {} } }, sub: { '.git': 'gitdir: ../../.git/modules/sub' } },
    packages: { app: { '.codex': {}, '.agents': {} } },
    node_modules: { dep: { '.git': {} } },
  });
  t.same(relative(root, await createNestedScanner()(root)), [
    'packages/app/.agents',
    'packages/app/.codex',
    'vendor/sub/.git',
    'vendor/x/.git',
  ]);
});

t.test('they are found at any depth and in any number of folders', async (t) => {
  const deep = t.testdir({ a: { b: { c: { d: { e: { f: { g: { '.git': {} } } } } } } } });
  t.same(relative(deep, await createNestedScanner()(deep)), ['a/b/c/d/e/f/g/.git']);
  const wide = t.testdir(Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`d${i}`, {}])));
  // Windows has no names that are not text.
  const end = paths.windows ? Buffer.from('\u00e9') : Buffer.of(0xe9);
  const odd = Buffer.concat([Buffer.from(`${wide}/d777/r`), end]);
  fs.mkdirSync(odd);
  fs.mkdirSync(Buffer.concat([odd, Buffer.from('/.git')]));
  fs.mkdirSync(path.join(wide, 'd1199/.git'));
  const scan = createNestedScanner();
  t.same(relative(wide, await scan(wide)), ['d1199/.git', `d777/r${paths.windows ? '\u00e9' : '\udce9'}/.git`]);
});

t.test('a tree that cannot be searched is refused, and searched again by the next command', async (t) => {
  const wide = t.testdir(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`d${i}`, {}])));
  let walks = 0;
  const scan = createNestedScanner(() =>
    walks++ ? Promise.resolve({ found: [] }) : Promise.reject(new Error('late')),
  );
  await t.rejects(scan(wide), { message: 'late' });
  t.same(await scan(wide), []);
});

t.test('the second scan sees changes after the first', async (t) => {
  const root = t.testdir({ a: { b: {} }, c: {} });
  const scan = createNestedScanner();
  const now = async (): Promise<readonly string[]> => relative(root, await scan(root));
  t.same(await now(), []);
  fs.mkdirSync(path.join(root, 'a/b/.git'));
  t.same(await now(), ['a/b/.git']);
  fs.mkdirSync(path.join(root, 'c/new/.codex'), { recursive: true });
  t.same(await now(), ['a/b/.git', 'c/new/.codex']);
  fs.renameSync(path.join(root, 'a/b'), path.join(root, 'a/z'));
  t.same(await now(), ['a/z/.git', 'c/new/.codex']);
  fs.rmSync(path.join(root, 'a'), { recursive: true });
  t.same(await now(), ['c/new/.codex']);
});
