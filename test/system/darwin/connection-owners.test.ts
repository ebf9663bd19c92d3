import t from 'tap';
import { createConnectionOwners } from '../../../server/system/darwin/connection-owners.js';
import { darwinProcesses } from '../../../server/system/darwin/processes.js';
import { libprocOf, type FakeProcess } from './fake-mac.js';

/** The command's process 20 has connected from 50001 to the lane's port 4001 of the daemon, process 9. */
const ENDS = { remoteAddress: '127.0.0.1', remotePort: 50001, localAddress: '127.0.0.1', localPort: 4001 };
const CLIENT = { local: '127.0.0.1', localPort: 50001, remote: '127.0.0.1', remotePort: 4001 };
const DAEMON = { local: '127.0.0.1', localPort: 4001, remote: '127.0.0.1', remotePort: 50001 };

function owners(processes: FakeProcess[]) {
  return createConnectionOwners(darwinProcesses(libprocOf(processes)), 9);
}

t.test('the process with exactly the other end', async (t) => {
  const ownerOf = owners([
    { pid: 9, sockets: [DAEMON, CLIENT] },
    { pid: 10, sockets: [{ ...CLIENT, localPort: 50002 }, DAEMON] },
    { pid: 20, sockets: [{ ...CLIENT, remotePort: 4003 }, CLIENT] },
  ]);
  const owner = await ownerOf(ENDS);
  t.equal(owner?.pid, 20);
  t.equal(await owner?.isStillIts(), true);
  t.equal(await ownerOf({ ...ENDS, remotePort: 1 }), undefined);
  t.equal(await ownerOf({ ...ENDS, remoteAddress: '192.0.2.1' }), undefined, 'not loopback');
});

t.test('by IPv6, and not by the same ports of the other version', async (t) => {
  const ownerOf = owners([{ pid: 20, sockets: [{ ...CLIENT, local: '::1', remote: '::1' }] }]);
  t.equal(await ownerOf(ENDS), undefined);
  t.equal((await ownerOf({ ...ENDS, remoteAddress: '::1', localAddress: '::1' }))?.pid, 20);
});

t.test('a number that passes on is another process', async (t) => {
  const process: FakeProcess = { pid: 20, sockets: [CLIENT], started: 1000 };
  const owner = await owners([process])(ENDS);
  process.started = 1001;
  t.equal(await owner?.isStillIts(), false);
  process.started = 1000;
  t.equal(await owner?.isStillIts(), true);
  process.sockets = [];
  t.equal(await owner?.isStillIts(), false, 'it has closed the connection');
});
