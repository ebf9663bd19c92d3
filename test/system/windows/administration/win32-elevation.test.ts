import t from 'tap';
import { until } from '../../../fixtures/until.js';
import { win32Elevation } from '../../../../server/system/windows/administration/win32-elevation.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import { win32 } from '../../../../server/system/windows/win32.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Elevation(), { code: 'machine.native-module' });
});

t.test('a program is started, and its end is seen', onWindows, async (t) => {
  const calls = win32Elevation();
  const started = calls.runAs(process.execPath, '-e "process.exit(-5)"');
  if (started instanceof Win32Error) return void t.fail(started.toString());
  await until(() => calls.exitCode(started) !== null, 'it has ended');
  t.equal(calls.exitCode(started), -5);
  win32().closeHandle(started);
  t.type(calls.runAs('C:\\no\\such.exe', ''), Win32Error);
});
