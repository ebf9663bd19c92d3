import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { bindPair } from '../../../server/network-approval/lanes/port-pair.js';
import { connectTo, freePorts } from '../support/lane-sockets.js';

const nobody = (_kind: unknown, socket: net.Socket): void => void socket.destroy();

/** A port that this process has, until the end of the test. */
async function taken(t: Test, host = '127.0.0.1'): Promise<number> {
  const server = net.createServer().listen(0, host);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('the first pair that is free as a whole', async (t) => {
  const [a, b, c, d] = (await freePorts(4)) as [number, number, number, number];
  const [x, y] = [await taken(t), await taken(t)];
  const pair = await bindPair([x, a, b, y, c, d], nobody);
  t.match(pair, { httpPort: c, socksPort: d });
  const half = await bindPair([a, b], nobody);
  t.match(half, { httpPort: a, socksPort: b }, 'half a pair is given back');
  pair?.close();
  half?.close();
  pair?.close();
});

t.test('no pair, no lane', async (t) => {
  const [a] = (await freePorts(1)) as [number];
  t.equal(await bindPair([], nobody), null);
  t.equal(await bindPair([a], nobody), null, 'one port is no pair');
  t.equal(await bindPair([await taken(t), a], nobody), null);
});

t.test('a port that another program has on ::1 is taken; those of the pair are not for others', async (t) => {
  const [a, b] = (await freePorts(2)) as [number, number];
  const other = await taken(t, '::1').catch(() => null);
  if (other === null) return t.comment('this machine has no IPv6');
  t.equal(await bindPair([other, a], nobody), null);
  t.equal(await bindPair([a, other], nobody), null);
  const pair = await bindPair([a, b], (_kind, socket) => void socket.end('served'));
  for (const port of [a, b]) {
    const late = net.createServer().listen(port, '::1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    t.ok(['EADDRINUSE', 'EACCES'].includes(error.code ?? ''), `the code ${error.code}`);
    const client = net.connect(port, '::1');
    client.on('data', () => t.fail('it is answered')).on('error', () => {});
    await once(client, 'close');
  }
  pair?.close();
});

t.test('another error is not a port that is taken', async (t) => {
  await t.rejects(bindPair([70_000, 70_001], nobody), { message: /range|network lane|port/i });
});

t.test('connections say which port they came to, are not read, and end with nobody’s listening', async (t) => {
  const kinds: string[] = [];
  const pair = await bindPair([0, 0], (kind, socket) => {
    kinds.push(`${kind} ${socket.isPaused()} ${socket.bytesRead}`);
    socket.destroy();
  });
  for (const port of [pair?.httpPort ?? 0, pair?.socksPort ?? 0]) {
    const client = await connectTo(t, port);
    client.socket.write('x');
    await client.closed;
  }
  t.strictSame(kinds, ['http true 0', 'socks true 0']);
  pair?.close();
  await t.rejects(connectTo(t, pair?.httpPort ?? 0), { code: 'ECONNREFUSED' });
});
