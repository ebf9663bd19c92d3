import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { PathIndex } from '../../../server/file-search/match/path-index.js';
import { walkTrees } from '../../../server/file-search/walk/tree-walk.js';

function walked(roots: readonly string[], most = 1e6): string[] {
  const index = new PathIndex();
  const walk = walkTrees(roots, index, {});
  while (!walk.advance(0, most));
  return Array.from(
    { length: index.size },
    (_, id) => `${index.rootOf(id)}:${index.pathOf(id)}${index.isFolder(id) ? '/' : ''}`,
  ).sort();
}

t.test('files, hidden ones and folders are found; links are followed, but never back', async (t) => {
  const root = t.testdir({
    '.h': { x: '' },
    a: { b: { c: '' }, up: t.fixture('symlink', '..'), other: t.fixture('symlink', '../.h') },
    broken: t.fixture('symlink', 'nowhere'),
    file: t.fixture('symlink', 'a/b/c'),
  });
  t.same(walked([root]), [
    '0:.h/',
    '0:.h/x',
    '0:/',
    '0:a/',
    '0:a/b/',
    '0:a/b/c',
    '0:a/other/',
    '0:a/other/x',
    '0:file',
  ]);
});

t.test('a place is found once, below the deepest root', async (t) => {
  const root = t.testdir({ a: { x: '' }, y: '' });
  t.same(walked([root, path.join(root, 'a')]), ['0:/', '0:y', '1:/', '1:x']);
  t.same(walked([path.join(root, 'a'), root]), ['0:/', '0:x', '1:/', '1:y']);
});

t.test('a file is a root, a missing folder is none, and a tree may be too large', async (t) => {
  const root = t.testdir({ a: '', d: { b: '', c: '' } });
  t.same(walked([path.join(root, 'a'), path.join(root, 'no')]), ['0:']);
  t.equal(walked([root], 2).length < 5, true);
});

t.test('names of any bytes are found', { skip: process.platform !== 'linux' }, async (t) => {
  const root = t.testdir();
  fs.mkdirSync(Buffer.concat([Buffer.from(`${root}/d`), Buffer.of(0xff)]));
  fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/d`), Buffer.of(0xff), Buffer.from('/f')]), '');
  t.same(walked([root]), ['0:/', '0:d\ufffd/', '0:d\ufffd/f']);
});
