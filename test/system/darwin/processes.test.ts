import t from 'tap';
import { darwinProcesses } from '../../../server/system/darwin/processes.js';
import { libprocOf } from './fake-mac.js';

t.test('more processes and descriptors than the first room takes', async (t) => {
  const socket = { local: '127.0.0.1', localPort: 1, remote: '127.0.0.1', remotePort: 2 };
  const many = Array.from({ length: 900 }, (_, n) => ({ pid: n + 1 }));
  const busy = { pid: 5000, sockets: Array.from({ length: 700 }, (_, n) => ({ ...socket, localPort: n + 1 })) };
  const { pids, socketsOf } = darwinProcesses(libprocOf([...many, busy]));
  t.equal(pids().length, 901);
  t.equal(socketsOf(5000).length, 700);
});

t.test('a process that is gone', async (t) => {
  const { factsOf, socketsOf } = darwinProcesses(libprocOf([]));
  t.equal(factsOf(5), null);
  t.strictSame(socketsOf(5), []);
});
