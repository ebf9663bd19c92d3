import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { win32 } from '../../../../server/system/windows/win32.js';
import { win32Pipes } from '../../../../server/system/windows/streams/win32-pipes.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Pipes(), { code: 'machine.native-module' });
});

t.test('a pipe has one name, one client, and a stream of Node', onWindows, async (t) => {
  const { createPipe, openPipe, clientOf, descriptorOf } = win32Pipes();
  const name = `\\\\.\\pipe\\codexd-test-${process.pid}`;
  t.equal(openPipe(name, 'writes'), -2, 'there is none yet');
  const server = createPipe(name, 'reads');
  t.ok(server > 0);
  t.ok(createPipe(name, 'reads') < 0, 'no second one');
  const client = openPipe(name, 'writes');
  t.ok(client > 0);
  t.equal(openPipe(name, 'writes'), -231, 'it is busy');
  t.equal(clientOf(server), process.pid);
  t.equal(clientOf(client + 4000), null);
  const stream = new net.Socket({ fd: descriptorOf(server), readable: true, writable: false });
  stream.resume();
  win32().closeHandle(client);
  await once(stream, 'close');
  t.pass('it ends with the other end');
});
