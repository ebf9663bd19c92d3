import fs from 'node:fs';
import net from 'node:net';
import dgram from 'node:dgram';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { DONE, isReport, tryWalls } from '../../../../server/sandbox/windows/run/canary.js';

t.test('a canary says what happened to each attempt', async (t) => {
  const folder = t.testdir({ file: '' });
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(socket, 'listening')]);
  const { port } = server.address() as net.AddressInfo;
  const closed = net.createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port: closedPort } = closed.address() as net.AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const arrived = once(socket, 'message');
  const report = await tryWalls({
    write: { inside: path.join(folder, 'new'), outside: path.join(folder, 'no', 'folder') },
    read: { denied: path.join(folder, 'file'), home: path.join(folder, 'missing') },
    tcp: { network: { host: '127.0.0.1', port }, loopback: { host: '127.0.0.1', port: closedPort } },
    udp: { udpLoopback: { host: '127.0.0.1', port: socket.address().port } },
  });
  t.strictSame(report.outcomes, {
    inside: DONE,
    outside: 'ENOENT',
    denied: DONE,
    home: 'ENOENT',
    network: DONE,
    loopback: 'ECONNREFUSED',
    udpLoopback: DONE,
  });
  await arrived;
  t.ok(fs.existsSync(path.join(folder, 'new')));
  t.ok(report.child);
  process.kill(report.child ?? 0, 'SIGKILL');
  server.close();
  socket.close();
});

t.test('only a report is one', async (t) => {
  t.ok(isReport({ outcomes: { inside: DONE }, child: null }));
  for (const value of [
    null,
    1,
    {},
    { outcomes: null, child: 1 },
    { outcomes: { a: 1 }, child: 1 },
    { outcomes: {}, child: 'x' },
  ])
    t.notOk(isReport(value));
});
