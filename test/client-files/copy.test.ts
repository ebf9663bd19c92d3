import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { copy } from '../../server/client-files/copy.js';
import { createKeyedTurns } from '../../server/system/node/keyed-turns.js';
import { onWindows, withLinks } from '../fixtures/windows.js';

const copyIn =
  (folder: string) =>
  (source: string, target: string, recursive = true) =>
    copy(path.join(folder, source), path.join(folder, target), recursive, createKeyedTurns());
const ITSELF = {
  rpcCode: -32600,
  message: 'fs/copy cannot copy a directory to itself or one of its descendants',
};

t.test('a folder is never copied onto or into itself, by whatever names', withLinks, async (t) => {
  const folder = t.testdir({
    d: { x: '1', sub: {} },
    ld: t.fixture('symlink', 'd'),
    into: t.fixture('symlink', 'd/sub/new'),
    other: {},
  });
  const run = copyIn(folder);
  for (const target of ['d', 'd/new', 'd/sub', 'd/a/b/c', 'ld', 'ld/new', 'other/../ld/x']) {
    await t.rejects(run('d', target), ITSELF, target);
  }
  await t.rejects(run('d', 'd', false), { message: 'fs/copy requires recursive: true when sourcePath is a directory' });
  t.same(fs.readdirSync(path.join(folder, 'd')).sort(), ['sub', 'x']);
  await run('d', 'd2');
  t.same(fs.readdirSync(path.join(folder, 'd2')).sort(), ['sub', 'x'], 'a name that begins alike is another one');
  t.test('also through a link without a target', async (t) => {
    await t.rejects(run('d', 'into'), { message: /./ });
    t.notOk(fs.existsSync(path.join(folder, 'd', 'sub', 'new')));
  });
});

t.test('folders are merged; links are copied as links and do not replace anything', withLinks, async (t) => {
  const folder = t.testdir({
    s: { f: 'new', d: { y: '1' }, l: t.fixture('symlink', '../nowhere') },
    t: { f: 'old', keep: 'k', d: { z: '1' } },
  });
  const run = copyIn(folder);
  await run('s', 't');
  const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
  t.same([read('t/f'), read('t/keep'), read('t/d/y'), read('t/d/z')], ['new', 'k', '1', '1']);
  t.equal(fs.readlinkSync(path.join(folder, 't', 'l')), '../nowhere');
  await t.rejects(run('s', 't'), { code: 'EEXIST' });
  await t.rejects(run('s', 's/f'), ITSELF);
  await t.rejects(run('s', 't/f'), { code: 'EEXIST' });
});

t.test('on Windows a folder has its name in any letters', onWindows, async (t) => {
  const folder = t.testdir({ d: { x: '1' } });
  for (const target of ['D', 'D\\new', 'no\\..\\d\\x']) await t.rejects(copyIn(folder)('d', target), ITSELF, target);
});

t.test('a folder that is copied above itself ends', async (t) => {
  const folder = t.testdir({ a: { b: { a: { b: { c: '1' } } } } });
  await copyIn(folder)('a/b', '.');
  t.equal(fs.readFileSync(path.join(folder, 'a', 'b', 'c'), 'utf8'), '1');
});

t.test(
  'other kinds are refused, and left out inside of a folder',
  { skip: process.platform === 'win32' },
  async (t) => {
    const folder = t.testdir({ d: { f: '1' } });
    execaSync('mkfifo', [path.join(folder, 'd', 'fifo')]);
    const run = copyIn(folder);
    const refusal = { rpcCode: -32600, message: 'fs/copy only supports regular files, directories, and symlinks' };
    await t.rejects(run('d/fifo', 'x'), refusal);
    await run('d', 'd2');
    t.same(fs.readdirSync(path.join(folder, 'd2')), ['f']);
  },
);
