import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  HAS_MODES,
  makeFolderForUser,
  openForUser,
  preparePrivateFiles,
  startFileForUser,
  writeNewForUser,
} from '../../../server/system/files/private-files.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

const modeOf = (place: string): number | null => (HAS_MODES ? fs.statSync(place).mode & 0o777 : null);
const [FOLDER, FILE] = HAS_MODES ? [0o700, 0o600] : [null, null];

t.test('once prepared there is nothing to wait for', async (t) => {
  await preparePrivateFiles();
  t.equal(preparePrivateFiles(), undefined);
});

t.test('a folder is made for this user, with those above it', async (t) => {
  const folder = path.join(t.testdir(), 'a', 'b');
  makeFolderForUser(folder);
  t.ok(fs.statSync(folder).isDirectory());
  t.equal(modeOf(folder), FOLDER);
  makeFolderForUser(folder);
});

t.test('a file is made once, and for this user', async (t) => {
  const file = path.join(t.testdir(), 'file');
  writeNewForUser(file, 'secret');
  t.equal(fs.readFileSync(file, 'utf8'), 'secret');
  t.equal(modeOf(file), FILE);
  t.throws(() => writeNewForUser(file, 'other'), { code: 'EEXIST' });
  t.throws(() => openForUser(file, 'ax+'), { code: 'EEXIST' });
  t.equal(fs.readFileSync(file, 'utf8'), 'secret');
  t.throws(() => writeNewForUser(path.join(file, '..', 'none', 'file'), ''), { code: 'ENOENT' });
});

t.test('each way to open a file does what its letters say', async (t) => {
  const file = path.join(t.testdir(), 'file');
  const write = (how: Parameters<typeof openForUser>[1], text: string) => {
    const descriptor = openForUser(file, how);
    fs.writeSync(descriptor, text);
    fs.closeSync(descriptor);
    return fs.readFileSync(file, 'utf8');
  };
  t.equal(write('a+', 'one'), 'one');
  t.equal(write('a+', 'two'), 'onetwo');
  t.equal(write('w', 'x'), 'x');
  t.equal(modeOf(file), FILE);
  fs.rmSync(file);
  t.equal(write('w', 'y'), 'y');
  fs.rmSync(file);
  const descriptor = openForUser(file, 'ax+');
  fs.writeSync(descriptor, 'abc');
  t.equal(fs.readSync(descriptor, Buffer.alloc(3), 0, 3, 0), 3, 'it can be read');
  fs.closeSync(descriptor);
});

t.test('open(2) makes a file where there are modes', notOnWindows, async (t) => {
  const file = path.join(t.testdir(), 'file');
  t.equal(startFileForUser(file), false);
  t.notOk(fs.existsSync(file));
});

t.test('Windows makes it before it is opened', onWindows, async (t) => {
  const file = path.join(t.testdir(), 'file');
  t.equal(startFileForUser(file), true);
  t.equal(startFileForUser(file), false);
  t.equal(fs.statSync(file).size, 0);
});
