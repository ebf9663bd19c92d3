import fs from 'node:fs';
import t from 'tap';
import { processCalls, type NativeStart } from '../../../../server/system/windows/process/win32-process.js';
import { win32 } from '../../../../server/system/windows/win32.js';
import { onWindows } from '../../../fixtures/windows.js';

const start = (...words: string[]): NativeStart => ({
  words,
  cwd: 'C:\\windows',
  env: { SystemRoot: 'C:\\windows' },
  std: [0, 0, 0],
  desktop: null,
});

t.test('a process is suspended until it is resumed, and its exit code has a sign', onWindows, async (t) => {
  const calls = processCalls();
  const started = calls.createProcess(start(process.execPath, '-e', 'process.exit(-5)'));
  if (typeof started === 'number') return t.fail(`os error ${started}`);
  t.equal(calls.exitCode(started.process), 259, 'STILL_ACTIVE');
  t.equal(calls.resume(started.thread), 0);
  t.equal(await calls.waitForOne([started.process]), 0);
  t.equal(calls.exitCode(started.process), -5);
  for (const handle of [started.process, started.thread]) win32().closeHandle(handle);
});

t.test('it inherits the named handles and no others', onWindows, async (t) => {
  const calls = processCalls();
  const file = `C:\\work\\inherit-${process.pid}`;
  t.teardown(() => fs.rmSync(file, { force: true }));
  const fd = fs.openSync(file, 'w');
  const handle = win32().handleOf(fd);
  const started = calls.createProcess({
    ...start(process.execPath, '-e', 'console.log("to the file"); console.error("nowhere")'),
    std: [0, handle, 0],
  });
  if (typeof started === 'number') return t.fail(`os error ${started}`);
  calls.resume(started.thread);
  await calls.waitForOne([started.process]);
  fs.closeSync(fd);
  t.equal(fs.readFileSync(file, 'utf8'), 'to the file\n');
});

t.test('failures are numbers', onWindows, async (t) => {
  const calls = processCalls();
  t.equal(calls.createProcess(start('C:\\windows\\no-such.exe')), 2);
  t.type(
    calls.createProcessWithLogon({ user: 'nobody', domain: '.', password: 'x' }, start(process.execPath)),
    'number',
  );
  t.not(calls.terminate(0x7ffffff0, 1), 0);
  t.equal(calls.exitCode(0x7ffffff0), null);
  t.equal(calls.isConsole(0), false);
});
