import net from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { loadLibc } from '../../../server/system/linux/libc.js';
import { bindWithoutListening } from '../../../server/system/node/node-internals.js';

if (process.platform !== 'linux') t.bailout('these are calls to Linux');

/** sys/socket.h. */
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;

t.test('an option of a socket that Node made', async (t) => {
  const libc = loadLibc(packageRoot());
  const first = bindWithoutListening('127.0.0.1');
  t.teardown(() => first.close());
  t.ok(first.descriptor > 2);
  t.doesNotThrow(() => libc.setOption(first.descriptor, SOL_SOCKET, SO_REUSEPORT, 1));
  t.throws(() => libc.setOption(first.descriptor, SOL_SOCKET, 9999, 1), {
    code: 'machine.os',
    message: /setsockopt failed \(errno 92\)/,
  });
  t.throws(() => libc.setOption(-1, SOL_SOCKET, SO_REUSEPORT, 1), { code: 'machine.os', message: /errno 9\)/ });
});

t.test('a conversation with the kernel over netlink never waits', async (t) => {
  const libc = loadLibc(packageRoot());
  const socket = libc.netlinkSocket(0);
  t.throws(() => libc.receive(socket, Buffer.alloc(100)), { message: /recv failed \(errno 11\)/ });
  libc.close(socket);
  t.throws(() => libc.send(socket, Buffer.alloc(16)), { message: /send failed/ });
  t.throws(() => libc.netlinkSocket(9999), { message: /socket failed/ });
});

t.test('sockets of one place listen one after the other', async () => {
  const one = bindWithoutListening('0.0.0.0');
  const other = bindWithoutListening('0.0.0.0', one.port);
  for (const { handle } of [one, other]) {
    const server = net.createServer().listen(handle);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  }
});

t.test('without its package it says which is missing', async (t) => {
  t.throws(() => loadLibc(t.testdir()), { code: 'machine.native-module', message: /lanes of `transparent_tcp` need/ });
});
