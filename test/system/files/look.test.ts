import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isFolder, isSameFile, statIfThere } from '../../../server/system/files/look.js';

t.test('a path that cannot be followed leads to nothing, and is not an error', async (t) => {
  const folder = t.testdir({ file: '', loop: t.fixture('symlink', 'loop') });
  const odd: Record<string, string> = {
    missing: 'gone',
    'below a file': 'file/x',
    'a loop of links': 'loop',
    'a name that is too long': 'n'.repeat(300),
    'a NUL byte': 'a\0b',
  };
  for (const [what, name] of Object.entries(odd)) {
    t.equal(statIfThere(`${folder}/${name}`), undefined, what);
    t.equal(isFolder(`${folder}/${name}`), false, what);
  }
  t.equal(isFolder(folder), true);
  t.equal(isFolder(path.join(folder, 'file')), false);
});

t.test('a closed folder of another user counts as missing', { skip: process.getuid?.() !== 0 }, async (t) => {
  const folder = fs.mkdtempSync('/var/tmp/codexd-look-');
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  fs.mkdirSync(path.join(folder, 'inner'));
  process.seteuid?.(4321);
  t.teardown(() => process.seteuid?.(0));
  t.equal(statIfThere(path.join(folder, 'inner')), undefined);
  t.throws(() => fs.statSync(path.join(folder, 'inner'), { throwIfNoEntry: false }), { code: 'EACCES' });
  process.seteuid?.(0);
});

t.test('the same file has the same number on the same device, if that is known', async (t) => {
  t.ok(isSameFile({ dev: 1, ino: 2 }, { dev: 1, ino: 2 }));
  t.notOk(isSameFile({ dev: 1, ino: 2 }, { dev: 3, ino: 2 }));
  t.notOk(isSameFile({ dev: 0, ino: 2 }, { dev: 1, ino: 3 }));
  t.ok(isSameFile({ dev: 0, ino: 2 }, { dev: 1, ino: 2 }));
});
