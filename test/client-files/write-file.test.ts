import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Content } from '../../server/client-files/overwrite.js';
import { openToWrite, writeFile } from '../../server/client-files/write-file.js';
import { createKeyedTurns } from '../../server/system/node/keyed-turns.js';

const text = (text: string): Content => ({ size: text.length, piece: (at) => Buffer.from(text).subarray(at) });
const write = (file: string, content: string): Promise<void> => writeFile(file, text(content), createKeyedTurns());
const onWindows = process.platform === 'win32';

t.test('mode, links and other names of an existing file stay', { skip: onWindows }, async (t) => {
  const folder = t.testdir({ a: 'old and longer' });
  const at = (name: string): string => path.join(folder, name);
  fs.chmodSync(at('a'), 0o741);
  fs.linkSync(at('a'), at('hard'));
  fs.symlinkSync('a', at('soft'));
  await write(at('soft'), 'new');
  t.equal(fs.readFileSync(at('hard'), 'utf8'), 'new');
  t.equal(fs.statSync(at('a')).mode & 0o777, 0o741);
  t.ok(fs.lstatSync(at('soft')).isSymbolicLink());
});

t.test('a link without a target gets one', { skip: onWindows }, async (t) => {
  const folder = t.testdir({ d: {} });
  fs.symlinkSync('d/made', path.join(folder, 'soft'));
  await write(path.join(folder, 'soft'), 'x');
  t.equal(fs.readFileSync(path.join(folder, 'd', 'made'), 'utf8'), 'x');
});

t.test('no folders are made, and a folder is not written', async (t) => {
  const folder = t.testdir({ d: {} });
  await t.rejects(write(path.join(folder, 'no', 'f'), 'x'), { code: 'ENOENT' });
  await t.rejects(write(path.join(folder, 'd'), 'x'), { code: 'EISDIR' });
});

t.test('of many writers of a file at once, each writes a whole content', async (t) => {
  const file = path.join(t.testdir(), 'f');
  const writers = createKeyedTurns();
  const contents = Array.from({ length: 20 }, (_, at) => String.fromCharCode(97 + at).repeat(2_000_000 - at * 50_000));
  await Promise.all(contents.map((content) => writeFile(file, text(content), writers)));
  t.ok(contents.includes(fs.readFileSync(file, 'utf8')), 'the file is one of the contents');
});

t.test('an existing file is not truncated by the opening', async (t) => {
  const file = path.join(t.testdir({ f: 'old' }), 'f');
  const { opened, isNew } = await openToWrite(file);
  await opened.handle.close();
  t.notOk(isNew);
  t.equal(fs.readFileSync(file, 'utf8'), 'old');
});
