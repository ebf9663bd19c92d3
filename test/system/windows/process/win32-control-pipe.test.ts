import net from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { controlPipeCalls } from '../../../../server/system/windows/process/win32-control-pipe.js';
import { processCalls } from '../../../../server/system/windows/process/win32-process.js';
import { win32Security } from '../../../../server/system/windows/win32-security.js';
import { onWindows } from '../../../fixtures/windows.js';

t.test('one client, which is known by its process, and bytes in both directions', onWindows, async (t) => {
  const calls = controlPipeCalls();
  const name = `\\\\.\\pipe\\codexd-test-${process.pid}`;
  const descriptor = win32Security().descriptor('D:P(A;;GRGW;;;WD)');
  if (!Buffer.isBuffer(descriptor)) return t.fail(descriptor.toString());
  const pipe = calls.create(name, descriptor);
  t.ok(pipe > 0);
  t.ok(calls.create(name, descriptor) < 0, 'a name is taken once');
  const listening = calls.listen(pipe);
  if (typeof listening === 'number') return t.fail(`os error ${listening}`);
  const client = net.connect(name);
  if (listening.event !== 0) t.equal(await processCalls().waitForOne([listening.event]), 0);
  listening.free();
  t.equal(calls.clientOf(pipe), process.pid);
  const server = new net.Socket({ fd: calls.descriptorOf(pipe), readable: true, writable: true });
  server.write('to the client');
  client.once('data', () => client.end('to the server'));
  t.equal(await text(server), 'to the server');
  server.destroy();
});
