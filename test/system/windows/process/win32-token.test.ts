import t from 'tap';
import { tokenCalls } from '../../../../server/system/windows/process/win32-token.js';
import { win32Security } from '../../../../server/system/windows/win32-security.js';
import { onWindows } from '../../../fixtures/windows.js';

t.test("this process' token says who it is", onWindows, async (t) => {
  const calls = tokenCalls();
  const own = calls.openOwn();
  t.ok(own > 0);
  const facts = calls.read(own);
  t.match(facts?.user, /^S-1-5-21-/);
  t.ok(
    facts?.groups.some(({ sid }) => sid === 'S-1-1-0'),
    'everyone is a group',
  );
  t.strictSame(facts?.restricting, []);
  t.ok(facts?.privileges.includes(23), 'SeChangeNotifyPrivilege');
  t.equal(calls.read(0x7ffffff0), null);
});

t.test('a restricted token can be made, with a list for what it makes', onWindows, async (t) => {
  const calls = tokenCalls();
  const token = calls.restrict(calls.openOwn(), ['S-1-1-0', 'S-1-5-21-1-2-3-4']);
  t.ok(token > 0);
  t.ok(calls.read(token));
  const descriptor = win32Security().descriptor('D:P(A;;GA;;;WD)');
  t.ok(Buffer.isBuffer(descriptor));
  if (Buffer.isBuffer(descriptor)) t.equal(calls.setDefaultList(token, descriptor), 0);
});
