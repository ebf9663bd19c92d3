import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  isPrivate,
  makePrivateFile,
  makePrivateFolder,
  privateList,
} from '../../../server/system/windows/private-files.js';
import { win32Security } from '../../../server/system/windows/win32-security.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

const USER = 'S-1-5-21-1-2-3-1001';

t.test('the list has three entries, and inherits nothing', async (t) => {
  t.equal(privateList(USER, true), `D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${USER})`);
  t.equal(privateList(USER, false), `D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;${USER})`);
});

t.test('a list that Windows reports is private only without anybody else', async (t) => {
  const names = ['SY', 'BA', USER];
  t.ok(isPrivate(`O:${USER}${privateList(USER, true)}`, names));
  t.ok(isPrivate(`O:${USER}D:PAI(A;OICI;FA;;;${USER})`, names));
  for (const list of [
    // What NTFS gives where a list was lost: nothing is refused without a list, and everything with an empty one.
    'O:BA',
    'O:BAD:NO_ACCESS_CONTROL',
    'O:BAD:P',
    `O:BAD:P(A;;FA;;;SY)(A;;FR;;;WD)`,
    `O:BAD:P(A;;FA;;;SY)(A;;FR;;;S-1-5-21-1-2-3-1002)`,
    // Inherited, although the list was to inherit nothing.
    `O:BAD:AI(A;;FA;;;SY)(A;ID;FA;;;${USER})`,
    // The kind of an entry is another one than what was asked for.
    `O:BAD:P(D;;FA;;;SY)(A;;FA;;;${USER})`,
    `O:BAD:P(XA;;FX;;;${USER};(@User.x==1))`,
  ])
    t.notOk(isPrivate(list, names), list);
});

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  const folder = t.testdir();
  t.throws(() => makePrivateFolder(path.join(folder, 'a')), { code: 'machine.native-module' });
  t.throws(() => makePrivateFile(path.join(folder, 'b')), { code: 'machine.native-module' });
  makePrivateFolder(folder); // There is nothing to make.
});

t.test('a folder gets its list, and what exists keeps its own', onWindows, async (t) => {
  const folder = path.join(t.testdir(), 'a', 'b');
  const { fileSecurity, ownSids } = win32Security();
  const [user] = ownSids() as string[];
  makePrivateFolder(folder);
  t.ok(fs.statSync(folder).isDirectory());
  t.ok(isPrivate(String(fileSecurity(path.dirname(folder))), ['SY', 'BA', String(user)]));
  makePrivateFolder(folder);
  fs.writeFileSync(path.join(folder, 'file'), 'x');
  t.throws(() => makePrivateFolder(path.join(folder, 'file', 'c')), { code: /ENOENT|ENOTDIR|EEXIST/ });
});

t.test('a file gets its list before its content, also with a long path', onWindows, async (t) => {
  const folder = path.join(t.testdir(), ...Array.from({ length: 6 }, (_, i) => `${i}`.repeat(50)));
  makePrivateFolder(folder);
  const file = path.join(folder, 'secret');
  t.ok(file.length > 300);
  t.equal(makePrivateFile(file), true);
  t.equal(fs.readFileSync(file, 'utf8'), '');
  fs.writeFileSync(file, 'x', { flag: 'r+' });
  t.equal(makePrivateFile(file), false, 'it exists');
  t.equal(fs.readFileSync(file, 'utf8'), 'x', 'and stays as it is');
  const { fileSecurity, ownSids } = win32Security();
  const [user] = ownSids() as string[];
  t.ok(isPrivate(String(fileSecurity(path.toNamespacedPath(file))), ['SY', 'BA', String(user)]));
});

t.test('errors have the names that Node gives them', onWindows, async (t) => {
  const file = path.join(t.testdir(), 'none', 'file');
  t.throws(() => makePrivateFile(file), { code: 'ENOENT', syscall: 'open', path: file });
});
