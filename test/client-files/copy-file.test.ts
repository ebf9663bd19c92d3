import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { copyFile } from '../../server/client-files/copy-file.js';
import { PIECE_BYTES } from '../../server/client-files/overwrite.js';
import { createKeyedTurns } from '../../server/system/node/keyed-turns.js';

const onWindows = process.platform === 'win32';
const OPTIONS = { writers: createKeyedTurns(), inTree: false };

t.test('a file that is copied onto itself stays, by whatever names', { skip: onWindows }, async (t) => {
  const folder = t.testdir({ a: 'text', soft: t.fixture('symlink', 'a') });
  fs.linkSync(path.join(folder, 'a'), path.join(folder, 'hard'));
  for (const target of ['a', 'soft', 'hard']) {
    await copyFile(path.join(folder, 'a'), path.join(folder, target), OPTIONS);
    t.equal(fs.readFileSync(path.join(folder, 'a'), 'utf8'), 'text', target);
  }
});

t.test('content and permission bits are copied to new and to existing files', { skip: onWindows }, async (t) => {
  const folder = t.testdir({ old: 'longer than the new one'.repeat(100_000), links: t.fixture('symlink', 'made') });
  const source = path.join(folder, 'source');
  const bytes = Buffer.alloc(2 * PIECE_BYTES + 5, 'abc');
  fs.writeFileSync(source, bytes);
  fs.chmodSync(source, 0o4750);
  for (const target of ['new', 'old', 'links']) {
    await copyFile(source, path.join(folder, target), OPTIONS);
    t.ok(fs.readFileSync(path.join(folder, target)).equals(bytes), target);
    t.equal(fs.statSync(path.join(folder, target)).mode & 0o7777, 0o4750, target);
  }
  t.ok(fs.lstatSync(path.join(folder, 'links')).isSymbolicLink());
  t.ok(fs.existsSync(path.join(folder, 'made')));
});

t.test('no folders are made, and no folder is replaced', async (t) => {
  const folder = t.testdir({ a: 'x', empty: '', d: {} });
  for (const source of ['a', 'empty']) {
    await t.rejects(copyFile(path.join(folder, source), path.join(folder, 'no', 'f'), OPTIONS), { code: 'ENOENT' });
    await t.rejects(copyFile(path.join(folder, source), path.join(folder, 'd'), OPTIONS), { code: 'EISDIR' });
  }
});

t.test('files of the kernel have a content, too', { skip: process.platform !== 'linux' }, async (t) => {
  const target = path.join(t.testdir({ f: 'old' }), 'f');
  await copyFile('/proc/version', target, OPTIONS);
  t.equal(fs.readFileSync(target, 'utf8'), fs.readFileSync('/proc/version', 'utf8'));
});

t.test('two files that are copied onto each other at once become one of both', async (t) => {
  const folder = t.testdir({ a: 'a'.repeat(3_000_000), b: 'b'.repeat(2_000_000) });
  const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')];
  await Promise.all([copyFile(a, b, OPTIONS), copyFile(b, a, OPTIONS)]);
  t.ok(fs.readFileSync(a).equals(fs.readFileSync(b)), 'the one that came first decides');
});
