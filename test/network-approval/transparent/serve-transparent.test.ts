/** One connection with a scripted policy; lane.test.ts has real lanes. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { decode, encode } from 'dns-packet';
import t, { type Test } from 'tap';
import type { AccessRequest } from '../../../server/network-approval/decide/decide.js';
import type { CommandPort, Outcome } from '../../../server/network-approval/proxy/upstream/command-port.js';
import { createPool } from '../../../server/network-approval/proxy/upstream/pool.js';
import { createTrust } from '../../../server/network-approval/proxy/upstream/trust.js';
import { transparentHandlers } from '../../../server/network-approval/transparent/index.js';

const question = (name: string) => encode({ type: 'query', id: 1, flags: 0x100, questions: [{ type: 'A', name }] });

/** A server, and a client whose connection arrives with another address as its own. */
async function scene(t: Test, outcome: 'allowed' | 'refused' | 'denied', more: Partial<CommandPort> = {}) {
  const asked: AccessRequest[] = [];
  const upstream = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('hello');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const command: CommandPort = {
    pool: createPool(createTrust({})),
    interceptFor: () => null,
    hooks: null,
    async decide(request): Promise<Outcome> {
      asked.push(request);
      if (outcome === 'denied') return { kind: 'denied' };
      const { target } = request;
      if (outcome === 'allowed')
        return {
          kind: 'allowed',
          allowed: { allowed: true, target, addresses: ['127.0.0.1'], rule: null, source: 'baseline_policy' },
          dialled() {},
        };
      return {
        kind: 'refused',
        refused: {
          ...{ allowed: false, target, reason: 'denied', decision: 'deny', source: 'baseline_policy' },
          ...{ rule: null, detail: null, sentence: null },
        },
      };
    },
    denies: () => true,
    via: () => null,
    admit: () => true,
    closeWithCommand() {},
    fault: (error) => t.fail(String(error)),
    ...more,
  };
  const handlers = transparentHandlers(command, true);
  const asks = (name: string): string => {
    let address = '';
    handlers.question(question(name), (bytes) => {
      const [answer] = decode(bytes).answers ?? [];
      address = answer?.type === 'A' ? answer.data : 'none';
    });
    return address;
  };
  const door = net.createServer({ allowHalfOpen: true });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  t.teardown(() => {
    door.close();
    upstream.close();
  });
  /** What the client gets: bytes, then how it ended. */
  const connect = async (localAddress: string, localPort: number, first?: Buffer): Promise<string> => {
    door.once('connection', (socket) => {
      Object.defineProperties(socket, { localAddress: { value: localAddress }, localPort: { value: localPort } });
      handlers.connection(socket);
    });
    const client = net.connect((door.address() as AddressInfo).port, '127.0.0.1');
    t.teardown(() => client.destroy());
    let got = '';
    let how = 'end';
    client.on('data', (piece) => (got += piece.toString('latin1')));
    client.on('error', (error: NodeJS.ErrnoException) => (how = error.code ?? 'error'));
    if (first !== undefined) client.end(first);
    await new Promise((resolve) => client.once('close', resolve));
    return `${got} ${how}`.trim();
  };
  return { asks, connect, asked, port };
}

t.test('an address that stands for a name leads there, under the name', async (t) => {
  const { asks, connect, asked, port } = await scene(t, 'allowed');
  t.equal(asks('db.test'), '198.18.0.1');
  t.equal(await connect('198.18.0.1', port), 'hello end');
  t.match(asked, [{ protocol: 'socks5Tcp', method: null, target: { host: { kind: 'name', text: 'db.test' }, port } }]);
  t.equal(await connect('fdc0:de00::1', port), 'hello end');
});

t.test('every other address is a target of its own', async (t) => {
  const { connect, asked } = await scene(t, 'refused');
  t.equal(await connect('198.18.0.1', 22), 'ECONNRESET');
  t.equal(await connect('2001:db8::1', 443), 'ECONNRESET');
  t.match(asked, [{ target: { host: { kind: 'ipv4', text: '198.18.0.1' } } }, { target: { host: { kind: 'ipv6' } } }]);
});

t.test('an upstream that does not answer is a reset', async (t) => {
  const { asks, connect } = await scene(t, 'allowed');
  asks('db.test');
  t.equal(await connect('198.18.0.1', 9), 'ECONNRESET');
});

t.test('what is no destination never reaches the policy', async (t) => {
  const { connect, asked } = await scene(t, 'allowed');
  t.equal(await connect('127.0.0.1', 1), 'ECONNRESET');
  t.equal(await connect('::1', 1), 'ECONNRESET');
  t.strictSame(asked, []);
});

t.test('beyond the limit of connections there is a reset, and no decision', async (t) => {
  const { connect, asked } = await scene(t, 'allowed', { admit: () => false });
  t.equal(await connect('203.0.113.1', 22), 'ECONNRESET');
  t.strictSame(asked, []);
});

t.test('questions over TCP go to the same names, whichever server they are for', async (t) => {
  const { asks, connect, asked } = await scene(t, 'allowed');
  asks('a.test');
  const message = question('b.test');
  for (const server of ['127.0.0.53', '9.9.9.9', '2001:db8::53']) {
    const got = await connect(server, 53, Buffer.concat([Buffer.from([0, message.length]), message]));
    t.match(decode(Buffer.from(got.slice(2, -4), 'latin1')), { answers: [{ data: '198.18.0.2' }] }, server);
  }
  t.strictSame(asked, []);
});

t.test('a name is no name server', async (t) => {
  const { asks, connect, asked } = await scene(t, 'refused');
  asks('dns.test');
  t.equal(await connect('198.18.0.1', 53), 'ECONNRESET');
  t.match(asked, [{ target: { host: { text: 'dns.test' }, port: 53 } }]);
});

t.test('in limited mode the connection belongs to who looks into it, and may be plain', async (t) => {
  const looked: unknown[] = [];
  const { asks, connect, asked } = await scene(t, 'allowed', {
    interceptFor:
      () =>
      async ({ socket, target, isPlainToo }) => {
        looked.push([target.host.text, isPlainToo]);
        socket.destroySoon();
        return 'relayed';
      },
  });
  asks('web.test');
  await connect('198.18.0.1', 80);
  t.strictSame(looked, [['web.test', true]]);
  t.match(asked, [{ intercepted: 'tunnel' }]);
});
