import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createNestedScanner } from '../../server/sandbox/nested-protected.js';

const relative = (root: string, paths: readonly string[]): readonly string[] =>
  paths.map((p) => path.relative(root, p)).sort();

t.test('protected names below the top are found, nearest first', (t) => {
  const root = t.testdir({
    '.git': {},
    vendor: { x: { '.git': { hooks: {} } }, sub: { '.git': 'gitdir: ../../.git/modules/sub' } },
    packages: { app: { '.codex': {}, '.agents': {} } },
    node_modules: { dep: { '.git': {} } },
  });
  const { paths, incomplete } = createNestedScanner()(root);
  t.same(relative(root, paths), ['packages/app/.agents', 'packages/app/.codex', 'vendor/sub/.git', 'vendor/x/.git']);
  t.notOk(incomplete);
  t.end();
});

t.test('the scan is bounded in depth and breadth, and says so', (t) => {
  const deep = t.testdir({ a: { b: { c: { d: { e: { f: { '.git': {} } } } } } } });
  t.match(createNestedScanner()(deep), { paths: [], incomplete: true });
  const wide = t.testdir(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`d${i}`, {}])));
  t.match(createNestedScanner()(wide), { incomplete: true });
  t.end();
});

t.test('what changes between two scans is seen by the second', (t) => {
  const root = t.testdir({ a: { b: {} }, c: {} });
  const scan = createNestedScanner();
  const now = (): readonly string[] => relative(root, scan(root).paths);
  t.same(now(), []);
  fs.mkdirSync(path.join(root, 'a/b/.git'));
  t.same(now(), ['a/b/.git']);
  fs.mkdirSync(path.join(root, 'c/new/.codex'), { recursive: true });
  t.same(now(), ['a/b/.git', 'c/new/.codex']);
  fs.renameSync(path.join(root, 'a/b'), path.join(root, 'a/z'));
  t.same(now(), ['a/z/.git', 'c/new/.codex']);
  fs.rmSync(path.join(root, 'a'), { recursive: true });
  t.same(now(), ['c/new/.codex']);
  t.end();
});
