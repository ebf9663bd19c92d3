import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isFolder, makeFolders } from '../../server/client-files/make-folder.js';
import { BELOW_A_FILE, withLinks } from '../fixtures/windows.js';

t.test('missing folders are made, and existing ones are fine', async (t) => {
  const folder = t.testdir({});
  t.equal(await makeFolders(path.join(folder, 'a', 'b', 'c')), true);
  t.ok(await isFolder(path.join(folder, 'a', 'b', 'c')));
  t.equal(await makeFolders(path.join(folder, 'a', 'b', 'c')), false);
  t.equal(await makeFolders(path.parse(folder).root), false);
});

t.test('files are in the way', async (t) => {
  const folder = t.testdir({ f: '' });
  await t.rejects(makeFolders(path.join(folder, 'f')), { code: 'EEXIST' });
  // For Windows nothing is below a file, so the file itself is what cannot be made a folder. The official program, too.
  const code = BELOW_A_FILE === 'ENOENT' ? 'EEXIST' : BELOW_A_FILE;
  await t.rejects(makeFolders(path.join(folder, 'f', 'x', 'y')), { code });
});

t.test('links to folders are folders; those without a target are in the way', withLinks, async (t) => {
  const folder = t.testdir({ d: {}, l: t.fixture('symlink', 'd'), gone: t.fixture('symlink', 'nope') });
  t.equal(await makeFolders(path.join(folder, 'l')), false, 'through a link');
  await t.rejects(makeFolders(path.join(folder, 'gone')), { code: 'EEXIST' });
  t.notOk(fs.existsSync(path.join(folder, 'nope')));
});

t.test('many who make the same folders at once all succeed', async (t) => {
  const folder = path.join(t.testdir(), 'a', 'b', 'c', 'd');
  const made = await Promise.all(Array.from({ length: 20 }, () => makeFolders(folder)));
  t.ok(made.includes(true));
  t.ok(await isFolder(folder));
});
