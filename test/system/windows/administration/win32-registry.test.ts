import t from 'tap';
import { win32Registry } from '../../../../server/system/windows/administration/win32-registry.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Registry(), { code: 'machine.native-module' });
});

t.test('a number is written, read and removed', onWindows, async (t) => {
  const calls = win32Registry();
  const key = 'SOFTWARE\\codexd-test\\users';
  t.equal(calls.number(key, 'one'), null, 'not there');
  t.equal(calls.setNumber(key, 'one', 0), null);
  t.equal(calls.number(key, 'one'), 0);
  t.equal(calls.remove(key, 'one'), null);
  t.equal(calls.remove(key, 'one'), null, 'a second time');
  t.equal(calls.number(key, 'one'), null);
});
