import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { entriesOf, metadataOf } from '../../server/client-files/look.js';
import { withLinks } from '../fixtures/windows.js';

t.test('the kind is that of the target, and the times are those of the file, its birth too', withLinks, async (t) => {
  const folder = t.testdir({ a: 'x', d: {}, l: t.fixture('symlink', 'a') });
  fs.utimesSync(path.join(folder, 'a'), 1000, 2000.5);
  const { birthtimeMs } = fs.statSync(path.join(folder, 'a'));
  t.same(await metadataOf(path.join(folder, 'l')), {
    isDirectory: false,
    isFile: true,
    isSymlink: true,
    createdAtMs: Math.floor(birthtimeMs),
    modifiedAtMs: 2_000_500,
  });
  t.match(await metadataOf(path.join(folder, 'd')), { isDirectory: true, isFile: false, isSymlink: false });
  await t.rejects(metadataOf(path.join(folder, 'no')), { code: 'ENOENT' });
});

t.test('a folder is listed with hidden files and without links that lead nowhere', withLinks, async (t) => {
  const folder = t.testdir({ '.h': '', d: {}, ld: t.fixture('symlink', 'd'), gone: t.fixture('symlink', 'nope') });
  const names = (await entriesOf(folder)).map(({ fileName, isDirectory, isFile }) => [fileName, isDirectory, isFile]);
  t.same(names.sort(), [
    ['.h', false, true],
    ['d', true, false],
    ['ld', true, false],
  ]);
  await t.rejects(entriesOf(path.join(folder, '.h')), { code: 'ENOTDIR' });
});

t.test('a name that is not UTF-8 is listed, with U+FFFD', { skip: process.platform !== 'linux' }, async (t) => {
  const folder = t.testdir();
  fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.of(0xff), Buffer.from('b')]), '');
  fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xe2, 0x82), Buffer.from('c')]), '');
  const names = (await entriesOf(folder)).map(({ fileName }) => fileName);
  t.same(names.sort(), ['a\ufffdb', '\ufffdc']);
});

t.test('a large folder is listed whole', async (t) => {
  const folder = t.testdir();
  for (let at = 0; at < 300; at++) fs.writeFileSync(path.join(folder, `f${at}`), '');
  t.equal((await entriesOf(folder)).length, 300);
});
