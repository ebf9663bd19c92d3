// Not in test:quick: it waits for the limits of connections
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { guardConnections, guardLimits, type GuardLimits } from '../../../server/rpc/transports/connection-guard.js';
import { elapse, until } from '../../fixtures/until.js';

const LIMITS: GuardLimits = { silenceMs: 60_000, strangers: 4, strangersPerPeer: 16, connections: 6 };

/** A server whose upgrades are all admitted, with a client's end of each connection. */
async function setUp(t: Test, limits: Partial<GuardLimits>) {
  const server = http.createServer((_request, response) => response.end('ok'));
  const guard = guardConnections(server, () => {}, { ...LIMITS, ...limits });
  server.on('upgrade', (request, socket) => {
    guard.admitted(request.socket);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const connect = async () => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    t.teardown(() => socket.destroy());
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    let received = '';
    const heard = new Promise<void>((resolve) =>
      socket.setEncoding('latin1').on('data', (text) => {
        received += text;
        resolve();
      }),
    );
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    const upgrade = async (): Promise<string> => {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      await Promise.race([heard, closed]);
      return received;
    };
    return { socket, closed, upgrade, received: () => received };
  };
  return { connect };
}

t.test('a silent connection is closed, an upgraded one stays', async (t) => {
  const { connect } = await setUp(t, { silenceMs: 3000 });
  const client = await connect();
  t.match(await client.upgrade(), /101/);
  const silent = await connect();
  await silent.closed;
  t.equal(client.socket.destroyed, false);
});

t.test('half a request counts as silence', async (t) => {
  const { connect } = await setUp(t, { silenceMs: 50 });
  const slow = await connect();
  slow.socket.write('GET / HTTP/1.1\r\nHost:');
  await slow.closed;
  t.equal(slow.received(), '');
});

t.test('a client can connect however many connections are silent: the longest silent one is closed', async (t) => {
  const { connect } = await setUp(t, {});
  const silent = [];
  for (let i = 0; i < 4; i++) silent.push(await connect());
  const client = await connect();
  await silent[0]?.closed;
  t.match(await client.upgrade(), /101/);
  t.equal(silent[1]?.socket.destroyed, false, 'only as many as necessary');
});

t.test('clients that connect all at once, more than may be silent, get in', async (t) => {
  const { connect } = await setUp(t, { connections: 40 });
  const clients = await Promise.all(Array.from({ length: 20 }, connect));
  const answers = await Promise.all(clients.map(({ upgrade }) => upgrade()));
  t.strictSame(
    answers.filter((answer) => !answer.includes('101')),
    [],
  );
});

t.test('silent connections at once: the surplus is closed, at the half of all connections without delay', async (t) => {
  const { connect } = await setUp(t, { connections: 20 });
  const silent: Awaited<ReturnType<typeof connect>>[] = [];
  for (let i = 0; i < 12; i++) silent.push(await connect());
  const open = (): number => silent.filter(({ socket }) => !socket.destroyed).length;
  await until(() => open() <= 10, 'no more than half of the connections are silent');
  await until(() => open() === 4, 'the surplus is closed after its time');
  t.strictSame(
    silent.map(({ socket }) => socket.destroyed),
    silent.map((_, n) => n < 8),
    'the longest silent ones',
  );
});

t.test('the total number of connections is limited, and clients are not the ones that are closed', async (t) => {
  const { connect } = await setUp(t, { connections: 2 });
  const clients = [await connect(), await connect()];
  for (const client of clients) t.match(await client.upgrade(), /101/);
  await (
    await connect()
  ).closed;
  t.notOk(clients.some(({ socket }) => socket.destroyed));
});

t.test('plain requests on a kept connection are not silence', async (t) => {
  const { connect } = await setUp(t, { silenceMs: 400 });
  const { socket, received } = await connect();
  for (let i = 1; i <= 4; i++) {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => received().split('HTTP/1.1 200').length > i, `answer ${i}`);
    await elapse(150, 'all pauses together are longer than the silence that is allowed');
  }
  t.equal(socket.destroyed, false, '600 ms on');
});

t.test('limits depend on the number of descriptors, and leave most of them free', async (t) => {
  for (const descriptors of [64, 256, 1024, 1_048_576, Infinity]) {
    const { connections, strangers } = guardLimits(descriptors);
    t.ok(connections <= Math.max(descriptors / 4, 8) && strangers <= connections, `${descriptors}: ${connections}`);
  }
});
