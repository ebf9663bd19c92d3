import t from 'tap';
import { servePipe } from '../../../../server/system/windows/streams/pipe-server.js';
import { pipeClientCalls } from '../../../../server/system/windows/streams/win32-pipe-client.js';
import { win32Security, Win32Error } from '../../../../server/system/windows/win32-security.js';
import { win32 } from '../../../../server/system/windows/win32.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => pipeClientCalls(), { code: 'machine.native-module' });
});

t.test('an open pipe names its owner and its server', onWindows, async (t) => {
  const name = `\\\\.\\pipe\\codexd-calls-${process.pid}`;
  const { open, whenFree, ownerOf, isServerRestricted } = pipeClientCalls();
  t.equal(open(name), -2, 'nobody serves it');
  await whenFree(name, 1);
  const server = servePipe(name, () => {});
  if (typeof server === 'number') throw new Error(`no server: ${server}`);
  const pipe = open(name);
  t.ok(pipe > 0);
  t.equal(ownerOf(pipe), win32Security().defaultOwner());
  t.equal(isServerRestricted(pipe), false);
  win32().closeHandle(pipe);
  server.close();
  t.type(ownerOf(0), Win32Error);
  t.type(isServerRestricted(0), Win32Error);
});
