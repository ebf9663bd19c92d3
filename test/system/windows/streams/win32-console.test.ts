import t from 'tap';
import { win32Console } from '../../../../server/system/windows/streams/win32-console.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Console(), { code: 'machine.native-module' });
});

t.test('calls that fail answer with the numbers of Windows', onWindows, async (t) => {
  const calls = win32Console();
  t.equal(calls, win32Console(), 'they are bound once');
  t.type(calls.createConsole({ rows: 0, cols: 0 }, 0, 0), 'number', 'a console without a size');
});
