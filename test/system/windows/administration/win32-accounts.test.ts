/** Wine has no accounts: it reports success and keeps nothing. The calls must say so when they are asked again. */
import t from 'tap';
import {
  ERROR_NO_SUCH_ALIAS,
  NERR_USER_NOT_FOUND,
  win32Accounts,
} from '../../../../server/system/windows/administration/win32-accounts.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Accounts(), { code: 'machine.native-module' });
});

t.test('accounts that are not there have the numbers of Windows', onWindows, async (t) => {
  const calls = win32Accounts();
  t.match(calls.userFacts('codexd_nobody'), { code: NERR_USER_NOT_FOUND });
  t.match(calls.removeUser('codexd_nobody'), { code: NERR_USER_NOT_FOUND });
  const members = calls.members('codexd_no_group');
  t.ok(members instanceof Win32Error || members.length === 0, 'no members');
  t.ok(ERROR_NO_SUCH_ALIAS > 0);
});

t.test('a user and a group', onWindows, async (t) => {
  const calls = win32Accounts();
  t.equal(calls.addUser('codexd_try', 'Secret-words-1', 'a comment'), null);
  t.match(calls.userFacts('codexd_try'), { flags: Number, privilege: Number });
  t.equal(calls.addGroup('codexd_group', 'a comment'), null);
  t.equal(calls.addMember('codexd_group', 'codexd_try'), null);
  t.equal(calls.removeUser('codexd_try'), null);
  t.match(calls.userFacts('codexd_try'), { code: NERR_USER_NOT_FOUND });
});
