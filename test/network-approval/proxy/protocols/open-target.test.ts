/** The one way from a wish to a connection, with a scripted policy. The doors have tests of their own. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { AccessRequest } from '../../../../server/network-approval/decide/decide.js';
import { ByteReader } from '../../../../server/network-approval/proxy/http/byte-reader.js';
import { openTarget } from '../../../../server/network-approval/proxy/protocols/open-target.js';
import type { CommandPort, Outcome } from '../../../../server/network-approval/proxy/upstream/command-port.js';
import { createPool } from '../../../../server/network-approval/proxy/upstream/pool.js';
import { createTrust } from '../../../../server/network-approval/proxy/upstream/trust.js';

type Intercept = NonNullable<ReturnType<CommandPort['interceptFor']>>;

async function listening(t: Test, onSocket: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const REFUSED = {
  allowed: false,
  reason: 'denied',
  decision: 'deny',
  source: 'baseline_policy',
  rule: null,
  detail: null,
  sentence: null,
} as const;

/** Opens the target for a client that sends `hi`; resolves with the outcome and what the client received. */
async function open(
  t: Test,
  kind: Outcome['kind'],
  {
    intercept = null,
    canIntercept = true,
    port,
  }: { intercept?: Intercept | null; canIntercept?: boolean; port?: number } = {},
) {
  const asked: AccessRequest[] = [];
  const dialled: string[] = [];
  const upstream = port ?? (await listening(t, (socket) => socket.on('error', () => {}).end('hello')));
  const target = { host: { kind: 'name', text: 'a.test' }, port: upstream } as const;
  const command: CommandPort = {
    pool: createPool(createTrust({})),
    interceptFor: () => intercept,
    hooks: null,
    async decide(request) {
      asked.push(request);
      if (kind === 'denied') return { kind };
      if (kind === 'refused') return { kind, refused: { ...REFUSED, target } };
      const allowed = {
        allowed: true,
        target,
        addresses: ['127.0.0.1'],
        rule: null,
        source: 'baseline_policy',
      } as const;
      return { kind, allowed, dialled: (address) => void dialled.push(address) };
    },
    denies: () => true,
    via: () => null,
    admit: () => true,
    closeWithCommand() {},
    fault: (error) => t.fail(String(error)),
  };
  let opened: ReturnType<typeof openTarget> | undefined;
  const door = await listening(t, (socket) => {
    const stream = { socket, reader: new ByteReader(socket), command, target, protocol: 'https' } as const;
    const standing = (to: net.Socket | null): string => `[${to === null ? 'ours' : to.remoteAddress}]`;
    opened = openTarget(stream, { method: 'CONNECT', canIntercept, standing });
    void opened.then((what) => what.kind === 'over' || socket.destroySoon());
  });
  const client = net.connect(door, '127.0.0.1');
  let received = '';
  client.on('data', (bytes) => (received += bytes.toString('latin1')));
  client.write('hi');
  if (kind === 'denied') await once(client, 'connect');
  else await once(client, 'close');
  client.destroy();
  return { opened: await opened, received, asked, dialled };
}

t.test('an allowed connection stands before its bytes flow, and its address is recorded', async (t) => {
  const { opened, received, asked, dialled } = await open(t, 'allowed');
  t.strictSame(opened, { kind: 'over', end: 'relayed' });
  t.equal(received, '[127.0.0.1]hello');
  t.match(asked, [{ protocol: 'https', method: 'CONNECT', target: { host: { text: 'a.test' } } }]);
  t.strictSame(dialled, ['127.0.0.1']);
});

t.test('the daemon looks inside where the mode wants it and the door can', async (t) => {
  const intercept: Intercept = async ({ socket }) => {
    socket.end('inside');
    return 'relayed';
  };
  const looked = await open(t, 'allowed', { intercept });
  t.strictSame(
    [looked.opened, looked.received, looked.dialled],
    [{ kind: 'over', end: 'relayed' }, '[ours]inside', []],
  );
  t.match(looked.asked, [{ intercepted: 'tunnel' }]);
  const { received, asked } = await open(t, 'allowed', { intercept, canIntercept: false });
  t.equal(received, '[127.0.0.1]hello');
  t.notOk(asked[0]?.intercepted, 'the door cannot look');
});

t.test('a target that is refused, or not there, leaves the answer to the door', async (t) => {
  const refused = await open(t, 'refused');
  t.match(refused.opened, { kind: 'refused', refused: { reason: 'denied' } });
  t.strictSame([refused.received, refused.dialled], ['', []]);
  const gone = net.createServer();
  gone.listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  const { opened, received } = await open(t, 'allowed', { port });
  t.strictSame([opened, received], [{ kind: 'unreachable' }, '']);
});

t.test('a command that is being cancelled gets no answer', async (t) => {
  const { opened, received } = await open(t, 'denied');
  t.strictSame([opened, received], [{ kind: 'over', end: 'denied' }, '']);
});
