/** Who is at the other end of a connection. Sandboxed commands: test/security-bar. */
import net, { type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { mayBeSandboxed } from '../../../server/system/programs/socket-owner.js';

const LINUX = { skip: process.platform === 'linux' ? false : 'the tables are those of Linux' };

/** That many connections of this process, at the accepting end; `host` is what the clients connect to. */
async function connections(t: Test, host: string, count: number) {
  const accepted: Socket[] = [];
  const clients: Socket[] = [];
  const server = net.createServer((socket) => accepted.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, host === '::1' ? '::' : host, resolve));
  const { port } = server.address() as AddressInfo;
  t.teardown(() => {
    for (const socket of [...accepted, ...clients]) socket.destroy();
    server.close();
  });
  const all = new Promise<void>((resolve) =>
    server.on('connection', () => {
      if (accepted.length === count) resolve();
    }),
  );
  for (let n = 0; n < count; n++) clients.push(net.connect(port, host));
  await all;
  return { accepted, clients };
}

t.test('clients of this user outside of sandboxes are found, however many ask at once', LINUX, async (t) => {
  const { accepted } = await connections(t, '127.0.0.1', 40);
  t.strictSame(await Promise.all(accepted.map(mayBeSandboxed)), Array(40).fill(false));
});

t.test('an IPv4 client of a socket for both families is found, too', LINUX, async (t) => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  t.teardown(() => server.close());
  const [accepted, client] = await new Promise<[Socket, Socket]>((resolve) => {
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    server.once('connection', (other) => resolve([other, socket]));
  });
  t.teardown(() => [accepted, client].forEach((socket) => socket.destroy()));
  t.match(accepted.remoteAddress, /^::ffff:127\./);
  t.equal(await mayBeSandboxed(accepted), false);
});

t.test('a connection that nobody has open any more counts as one of a sandbox', LINUX, async (t) => {
  const { accepted, clients } = await connections(t, '127.0.0.1', 2);
  const [gone, stays] = accepted;
  const closed = new Promise((resolve) => clients[0]?.once('close', resolve));
  clients[0]?.resetAndDestroy();
  await closed;
  const port = (socket: Socket | undefined): number | undefined => socket?.remotePort;
  const ends = {
    remoteAddress: '127.0.0.1',
    remotePort: port(gone) ?? 1,
    localAddress: '127.0.0.1',
    localPort: stays?.localPort,
  } as unknown as Socket;
  t.strictSame(await Promise.all([mayBeSandboxed(ends), mayBeSandboxed(stays!)]), [true, false]);
});
