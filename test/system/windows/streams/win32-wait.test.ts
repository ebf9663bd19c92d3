import { once } from 'node:events';
import t from 'tap';
import { win32 } from '../../../../server/system/windows/win32.js';
import { whenSignalled } from '../../../../server/system/windows/streams/win32-wait.js';
import { startChild } from '../../../fixtures/programs.js';
import { until } from '../../../fixtures/until.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => whenSignalled(0), { code: 'machine.native-module' });
});

t.test('many waits end with what they wait for', onWindows, async () => {
  const child = startChild(process.execPath, ['-e', 'process.stdin.resume(); console.log("runs")']);
  await once(child.stdout, 'data');
  const handle = win32().openProcess(child.pid!);
  let ended = 0;
  const wait = (): void => void whenSignalled(handle).then(() => ended++);
  for (let i = 0; i < 50; i++) wait();
  child.stdin.end();
  await until(() => ended === 50, 'all waits end');
  wait();
  await until(() => ended === 51, 'also one that begins after the end');
  win32().closeHandle(handle);
});
