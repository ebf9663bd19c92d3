import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t from 'tap';
import { connectionOwners, type Ends } from '../../../server/system/programs/connection-owner.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  await t.rejects(connectionOwners(), { code: 'machine.native-module' });
});

t.test('the owner is the process that made the connection, until it closes or ends', onWindows, async (t) => {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ownerOf = await connectionOwners();
  const child = startChild(
    process.execPath,
    ['-e', `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {}); setInterval(() => {}, 1000)`],
    { stdio: 'ignore' },
  );
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  const ends = { remoteAddress, remotePort, localAddress, localPort } as Ends;
  const owner = await ownerOf(ends);
  t.equal(owner?.pid, child.pid);
  t.equal(await owner?.isStillIts(), true);
  t.equal(await ownerOf({ ...ends, remotePort: 1 }), undefined);
  child.kill();
  await until(async () => (await ownerOf(ends)) === undefined, 'nobody owns it');
});
