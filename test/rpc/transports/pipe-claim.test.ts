import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { pipeName } from '../../../clients/typescript/pipe-name.js';
import { claimPipe } from '../../../server/rpc/transports/pipe-claim.js';
import { onWindows } from '../../fixtures/windows.js';

t.test('a group is refused', async (t) => {
  await t.rejects(claimPipe('x', net.createServer(), 5), { name: 'StartError', message: /--socket-group/ });
});

t.test('one living server has the name', onWindows, async (t) => {
  const file = path.join(t.testdir(), 'new', 'a.sock');
  const server = net.createServer((connection) => connection.on('error', () => {}).end('hello'));
  const claim = await claimPipe(file, server, null);
  await t.rejects(claimPipe(file.toUpperCase(), net.createServer(), null), { message: /already in use at/ });
  const client = net.connect(pipeName(file));
  t.equal(String((await once(client, 'data'))[0]), 'hello');
  client.destroy();
  claim.release();
  claim.release();
  (await claimPipe(file, server, null)).release();
});
