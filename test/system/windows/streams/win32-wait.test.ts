import { once } from 'node:events';
import t from 'tap';
import { win32 } from '../../../../server/system/windows/win32.js';
import { whenSignalled } from '../../../../server/system/windows/streams/win32-wait.js';
import { startChild } from '../../../fixtures/programs.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => whenSignalled(0), { code: 'machine.native-module' });
});

t.test('many waits end with what they wait for', onWindows, async (t) => {
  const child = startChild(process.execPath, ['-e', 'process.stdin.resume(); console.log("runs")']);
  await once(child.stdout, 'data');
  const handle = win32().openProcess(child.pid!);
  const waits = Promise.all(Array.from({ length: 50 }, () => whenSignalled(handle)));
  child.stdin.end();
  await waits;
  await whenSignalled(handle);
  win32().closeHandle(handle);
  t.pass('also one that begins after the end');
});
