import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { ERROR_SUCCESS, win32 } from '../../../server/system/windows/win32.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32(), { code: 'machine.native-module', message: /there is no koffi\.node for/ });
});

t.test('calls answer with the numbers of Windows', onWindows, async (t) => {
  const calls = win32();
  t.equal(calls, win32(), 'they are bound once');
  const fd = fs.openSync(path.join(t.testdir(), 'file'), 'a+');
  t.ok(calls.handleOf(fd) > 0);
  t.equal(calls.lockFile(calls.handleOf(fd)), ERROR_SUCCESS);
  fs.closeSync(fd);
  t.equal(calls.openProcess(1), 0, 'a process that is not there');
  const self = calls.openProcess(process.pid);
  t.ok(self > 0);
  calls.closeHandle(self);
  t.equal(calls.livingInJob(0x7ffffff0), null, 'what is no job');
});
