/** Which requests share a connection, and what becomes of one that cannot be made. */
import { once } from 'node:events';
import type http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { parseAuthority } from '../../../../server/network-approval/decide/targets.js';
import { createPool, type Line, type Pool } from '../../../../server/network-approval/proxy/upstream/pool.js';
import { createTrust } from '../../../../server/network-approval/proxy/upstream/trust.js';

/**
 * An upstream that tells on which of its connections, from 1 on, each request came; CONNECT is answered, and then
 * served.
 */
async function startCounting(t: Test): Promise<{ readonly port: number; readonly asked: string[] }> {
  let connections = 0;
  const asked: string[] = [];
  const server = net.createServer((socket) => {
    const number = String(++connections);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const [line = ''] = data.toString('latin1').split('\r\n', 1);
      asked.push(`${number} ${line}`);
      if (line.startsWith('CONNECT full')) socket.end('HTTP/1.1 503 Full\r\n\r\n');
      else if (line.startsWith('CONNECT')) socket.write('HTTP/1.1 200 OK\r\n\r\n');
      else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${number.length}\r\n\r\n${number}`);
    });
    t.teardown(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, asked };
}

interface Wanted extends Partial<Pick<Line, 'tunnelled' | 'fresh' | 'opened'>> {
  readonly host?: string;
  readonly port?: number;
  readonly addresses?: readonly string[];
  /** Port of an upstream proxy on loopback. */
  readonly via?: number;
}

function lineTo({ host = 'a.test', port = 80, addresses = ['127.0.0.1'], via, ...rest }: Wanted): Line {
  const target = parseAuthority(`${host}:${port}`, 80);
  const proxy = via === undefined ? null : parseAuthority(`127.0.0.1:${via}`, 80);
  if (target === null) throw new Error('no target');
  const allowed = { allowed: true, target, addresses } as unknown as Line['route']['allowed'];
  const route = { allowed, via: proxy === null ? null : { target: proxy, authorization: null } };
  return { route, scheme: 'http', tunnelled: false, fresh: false, opened: () => {}, ...rest };
}

/** The answer's body. */
async function ask(pool: Pool, wanted: Wanted): Promise<string> {
  const request = pool.request({ setHost: false, path: '/x' }, lineTo(wanted));
  request.once('socket', (socket) => socket.resume());
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const piece of response) text += String(piece);
  await new Promise((resolve) => setImmediate(resolve)); // the connection is kept after the end
  return text;
}
const poolOf = (): Pool => createPool(createTrust({}));

t.test('requests to one target at the same addresses share a connection, all others have their own', async (t) => {
  const { port } = await startCounting(t);
  const pool = poolOf();
  t.equal(await ask(pool, { port }), '1');
  t.equal(await ask(pool, { port }), '1');
  t.equal(await ask(pool, { port, fresh: true }), '2', 'a request that must not be repeated');
  t.equal(await ask(pool, { port, fresh: true }), '3');
  t.equal(await ask(pool, { port, addresses: ['127.0.0.1', '::1'] }), '4', 'judged anew, with other addresses');
  t.equal(await ask(pool, { port, addresses: ['::1', '127.0.0.1'] }), '4', 'in another order');
  t.equal(await ask(pool, { port }), '1');
  t.equal(await ask(poolOf(), { port }), '5', 'another command');
});

t.test('requests to an upstream proxy share its connection; a tunnel serves only its own target', async (t) => {
  const { port: via, asked } = await startCounting(t);
  const pool = poolOf();
  t.equal(await ask(pool, { via, host: 'a.test' }), '1');
  t.equal(await ask(pool, { via, host: 'b.test' }), '1');
  t.equal(await ask(pool, { via, host: 'a.test', tunnelled: true }), '2');
  t.equal(await ask(pool, { via, host: 'b.test', tunnelled: true }), '3');
  t.equal(await ask(pool, { via, host: 'a.test', tunnelled: true }), '2');
  t.strictSame(
    asked.filter((line) => line.includes('CONNECT')),
    ['2 CONNECT a.test:80 HTTP/1.1', '3 CONNECT b.test:80 HTTP/1.1'],
  );
  await t.rejects(ask(pool, { via, host: 'full.test', tunnelled: true }), /the upstream proxy refused the tunnel/);
});

t.test('a connection that fails ends only its own request', async (t) => {
  const { port } = await startCounting(t);
  const pool = poolOf();
  await t.rejects(ask(pool, { port, addresses: [] }), /the name does not resolve/);
  await t.rejects(ask(pool, { port: 1, fresh: true }), { code: 'ECONNREFUSED' });
  await t.rejects(ask(pool, { port: 1 }), { code: 'ECONNREFUSED' });
  const broken = (socket: net.Socket): void => void socket.destroy(new Error('its command has ended'));
  await t.rejects(ask(pool, { port, opened: broken }), /its command has ended/);
  await t.rejects(ask(pool, { port, opened: (socket) => void socket.destroy() }), /the connection was closed/);
  t.equal(await ask(pool, { port }), '1');
});
