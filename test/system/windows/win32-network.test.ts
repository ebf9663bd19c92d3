import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t from 'tap';
import { IPV4_ROWS, IPV6_ROWS, readTcpTable } from '../../../server/system/windows/tcp-table.js';
import { AF_INET, AF_INET6, win32Network } from '../../../server/system/windows/win32-network.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Network(), { code: 'machine.native-module' });
});

for (const [host, family, layout, address] of [
  ['127.0.0.1', AF_INET, IPV4_ROWS, '127.0.0.1'],
  ['::1', AF_INET6, IPV6_ROWS, '0:0:0:0:0:0:0:1'],
] as const) {
  t.test(`the table of ${host} has both ends of a connection, with their process`, onWindows, async (t) => {
    const server = net.createServer((socket) => socket.on('error', () => {})).listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const clients = Array.from({ length: 300 }, () => net.connect(port, host));
    t.teardown(() => {
      for (const client of clients) client.destroy();
      server.close();
    });
    await Promise.all(clients.map((client) => once(client, 'connect')));
    const table = await win32Network().connections(family);
    if (typeof table === 'number') throw new TypeError(`error ${table}`);
    const rows = readTcpTable(table, layout);
    for (const { localPort } of clients) {
      const row = rows.find((each) => each.localPort === localPort && each.remotePort === port);
      t.match(
        row,
        { local: address, remote: address, pid: process.pid },
        'more rows than the first buffer has room for',
      );
    }
  });
}
