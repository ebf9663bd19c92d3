import t from 'tap';
import { loopbackForm, readFacts, readSocketEnds, readSockets } from '../../../server/system/darwin/process-bytes.js';
import { bsdInfo, socketInfo } from './fake-mac.js';

t.test('facts of a process', async (t) => {
  t.strictSame(readFacts(bsdInfo({ pid: 77, parent: 5, group: 70, status: 4, started: 1_700_000_000 })), {
    pid: 77,
    parent: 5,
    group: 70,
    zombie: false,
    stopped: true,
    started: 1_700_000_000_250_000,
  });
  t.match(readFacts(bsdInfo({ pid: 1, status: 5 })), { zombie: true, stopped: false });
});

t.test('the descriptors of sockets among others', async (t) => {
  const bytes = Buffer.alloc(8 * 3 + 4);
  [
    [3, 1],
    [4, 2],
    [9, 2],
  ].forEach(([descriptor = 0, type = 0], at) => {
    bytes.writeInt32LE(descriptor, at * 8);
    bytes.writeUInt32LE(type, at * 8 + 4);
  });
  t.strictSame(readSockets(bytes), [4, 9]);
});

t.test('the ends of a socket, for both versions', async (t) => {
  const v4 = { local: '127.0.0.1', localPort: 50001, remote: '127.0.0.1', remotePort: 4001 };
  t.strictSame(readSocketEnds(socketInfo(v4)), {
    local: loopbackForm('127.0.0.1'),
    localPort: 50001,
    remote: loopbackForm('::ffff:127.0.0.1'),
    remotePort: 4001,
  });
  const v6 = { ...v4, local: '::1', remote: '::1' };
  t.match(readSocketEnds(socketInfo(v6)), { local: loopbackForm('::1'), remote: loopbackForm('::1') });
  t.equal(readSocketEnds(socketInfo(v4, 3)), null, 'a unix socket');
  t.equal(readSocketEnds(Buffer.alloc(100)), null);
});

t.test('only loopback addresses have a form', async (t) => {
  t.equal(loopbackForm('fe80::1'), null);
  t.equal(loopbackForm('127.0.0.1'), '00000000000000000000ffff7f000001');
});
