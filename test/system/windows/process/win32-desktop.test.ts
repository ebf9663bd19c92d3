import t from 'tap';
import { createDesktop } from '../../../../server/system/windows/process/win32-desktop.js';
import { win32Security } from '../../../../server/system/windows/win32-security.js';
import { onWindows } from '../../../fixtures/windows.js';

t.test('a desktop is made, or the number of the error says why not', onWindows, async (t) => {
  const descriptor = win32Security().descriptor('D:P(A;;GA;;;WD)');
  if (!Buffer.isBuffer(descriptor)) return t.fail(descriptor.toString());
  const made = createDesktop(`codexd-test-${process.pid}`, descriptor);
  t.ok(Number.isInteger(made) && made !== 0);
});
