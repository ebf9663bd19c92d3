import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createFileReader } from '../../../server/config/layers/config-file.js';

void t.test('the kind of the file decides, and the reader never waits', { timeout: 20_000 }, (t) => {
  const folder = t.testdir();
  const file = path.join(folder, 'config.toml');
  const rows: readonly [why: string, make: () => void, kind: string, message?: RegExp][] = [
    ['nothing', () => {}, 'missing'],
    ['a file as a folder of the path', () => {}, 'missing'],
    ['text', () => fs.writeFileSync(file, 'a = 1\n'), 'parsed'],
    ['text with a mark of its order', () => fs.writeFileSync(file, '\uFEFFa = 1\n'), 'parsed'],
    ['half a value', () => fs.writeFileSync(file, 'a = [1,\n'), 'malformed'],
    ['a folder', () => fs.mkdirSync(file), 'unreadable', /^Is a directory \(os error 21\)$/],
    ['a pipe', () => execaSync('mkfifo', [file]), 'unreadable', /^not a regular file$/],
    ['no UTF-8', () => fs.writeFileSync(file, Buffer.from([0xc3, 0x28])), 'unreadable', /UTF-8/],
    ['a loop of links', () => fs.symlinkSync('config.toml', file), 'unreadable', /symbolic links/],
    [
      'something huge',
      () => fs.truncateSync((fs.writeFileSync(file, ''), file), 64 * 1024 * 1024),
      'unreadable',
      /larger than/,
    ],
  ];
  const read = createFileReader();
  for (const [why, make, kind, message] of rows) {
    fs.rmSync(file, { recursive: true, force: true });
    make();
    const found = read(why === 'a file as a folder of the path' ? path.join(import.meta.filename ?? file, 'x') : file);
    t.equal(found.kind, kind, why);
    if (message !== undefined) t.match('message' in found ? found.message : '', message, why);
  }
  t.end();
});

void t.test('the same object while nothing changes, a new one after any change', (t) => {
  const file = path.join(t.testdir(), 'config.toml');
  const read = createFileReader();
  fs.writeFileSync(file, 'a = 1\n');
  const first = read(file);
  t.equal(read(file), first);
  fs.utimesSync(file, new Date(), new Date());
  t.equal(read(file), first, 'touched, but the same text');
  for (let i = 0; i < 50; i++) {
    fs.writeFileSync(file, `a = ${i % 10}\n`);
    const found = read(file);
    t.equal(found.kind === 'parsed' && found.text, `a = ${i % 10}\n`, 'the same length, within one tick of the clock');
  }
  t.end();
});
