import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { contentHash } from '../../server/plugins/content-hash.js';

t.test('every name, kind and content counts, and nothing else', (t) => {
  const root = t.testdir({ a: { 'b.txt': 'one' }, 'c.txt': 'two' });
  const first = contentHash(root);
  t.match(first, /^sha256:[0-9a-f]{64}$/);
  t.equal(contentHash(root), first);
  fs.utimesSync(path.join(root, 'c.txt'), 1, 1);
  t.equal(contentHash(root), first, 'times do not count');
  const change = (work: () => void, undo: () => void, what: string) => {
    work();
    t.not(contentHash(root), first, what);
    undo();
    t.equal(contentHash(root), first, `${what}, undone`);
  };
  const file = path.join(root, 'c.txt');
  change(
    () => fs.writeFileSync(file, 'twO'),
    () => fs.writeFileSync(file, 'two'),
    'another content of the same length',
  );
  change(
    () => fs.mkdirSync(path.join(root, 'd')),
    () => fs.rmdirSync(path.join(root, 'd')),
    'an empty folder',
  );
  change(
    () => fs.renameSync(file, path.join(root, 'd.txt')),
    () => fs.renameSync(path.join(root, 'd.txt'), file),
    'a name',
  );
  const moved = path.join(root, 'a', 'c.txt');
  change(
    () => fs.renameSync(file, moved),
    () => fs.renameSync(moved, file),
    'a folder',
  );
  fs.symlinkSync('c.txt', path.join(root, 'link'));
  t.throws(() => contentHash(root), /unsupported plugin entry type: .*link/);
  t.throws(() => contentHash(path.join(root, 'none')), { code: 'ENOENT' });
  t.end();
});
