/** Descriptors and AccessCheck are Wine's own and work; it has no users, and files keep only a part of a list. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Win32Error, win32Security } from '../../../server/system/windows/win32-security.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Security(), { code: 'machine.native-module' });
});

const UNKNOWN = 'S-1-5-21-1000000001-2000000002-3000000003-4004';
const FILE_READ_DATA = 0x1;
const FILE_WRITE_DATA = 0x2;

t.test('a descriptor keeps its meaning as bytes', onWindows, async (t) => {
  const calls = win32Security();
  const text = `O:BAD:P(D;OICI;DCLC;;;${UNKNOWN})(A;;FA;;;WD)`;
  const bytes = calls.descriptor(text);
  t.ok(Buffer.isBuffer(bytes));
  if (!Buffer.isBuffer(bytes)) return;
  t.match(calls.sddl(bytes), new RegExp(`^O:BA.*D:P\\(D;OICI;.*${UNKNOWN}\\)\\(A;;FA;;;WD\\)$`));
  const wrong = calls.descriptor('D:(A;;nonsense');
  t.ok(wrong instanceof Win32Error && wrong.code > 0, 'what is no descriptor is an error');
});

t.test('names and SIDs of accounts', onWindows, async (t) => {
  const calls = win32Security();
  t.equal(calls.nameOf('S-1-1-0'), 'Everyone');
  const everyone = calls.accountOf('Everyone');
  t.match(everyone, { sid: 'S-1-1-0' });
  const nobody = calls.accountOf('codexd_no_such_user');
  t.match(nobody, { code: 1332 });
});

t.test('Windows judges a list for the token of this process', onWindows, async (t) => {
  const calls = win32Security();
  const sids = calls.ownSids();
  if (sids instanceof Win32Error) return void t.fail(sids.toString());
  t.ok(sids.includes('S-1-1-0'), 'everyone is in it');
  const [own] = sids;
  const allows = (list: string, access: number) => calls.mayAccess(`O:SYG:SYD:${list}`, access);
  t.equal(allows(`(A;;0x1;;;${own})`, FILE_READ_DATA), true);
  t.equal(allows(`(A;;0x1;;;${own})`, FILE_WRITE_DATA), false);
  t.equal(allows(`(D;;0x2;;;WD)(A;;FA;;;${own})`, FILE_WRITE_DATA), false, 'a refusal before a grant counts');
  t.equal(allows(`(D;;0x2;;;${UNKNOWN})(A;;FA;;;${own})`, FILE_WRITE_DATA), true, "another's refusal does not");
  t.equal(allows(`(A;;FA;;;${UNKNOWN})`, FILE_READ_DATA), false);
  t.type(calls.isElevated(), 'boolean');
});

t.test('the list of a file is read, and a call that fails says which', onWindows, async (t) => {
  const calls = win32Security();
  const file = path.join(t.testdir(), 'file');
  fs.writeFileSync(file, '');
  t.match(calls.fileSecurity(file), /^O:.*D:/);
  const before = calls.fileSecurity(file);
  t.equal(calls.setFileAccess(file, 'D:(A;;FA;;;WD)', true), null);
  t.not(calls.fileSecurity(file), before);
  t.match(calls.fileSecurity(`${file}-none`), { code: 2 });
  t.match(calls.setFileAccess(`${file}-none`, 'D:(A;;FA;;;WD)'), { code: 2 });
  t.match(calls.setFileAccess(file, 'O:BA'), { code: 1336 }, 'no list is never written');
});
