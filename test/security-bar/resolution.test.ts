/**
 * Security bar, cases 16 to 24: an allowed name that leads to a forbidden address. All of these addresses would answer.
 */
import { HOSTILE, OWN, PUBLIC, PUBLIC_TOO, PUBLIC_V6 } from './support/world.js';
import t, { type Test } from 'tap';
import { connect, get, HEAD, socksName, type Attempt } from './support/attempt.js';
import { startBar } from './support/bar.js';
import { getsThrough, nothingGetsThrough } from './support/expect.js';

t.setTimeout(120_000);

const ALL = { domains: { '*': 'allow' } } as const;
const bar = await startBar(t, ALL);
const { zone, asked } = bar.names;

/** A name by every protocol. */
const ways = (host: string): Attempt[] => [
  get(`http://${host}/`, host),
  get(`http://${host}:8080/`, `${host}:8080`),
  connect(`${host}:443`),
  socksName(host, 22, 'inside'),
];
/** A separate name for every address: no answer is reused for the next. */
let names = 0;
const named = (...addresses: readonly string[]): string => {
  const name = `n${names++}.names.test`;
  zone[name] = addresses;
  return name;
};
const refuses = (why: string, addresses: readonly string[]) => (t: Test) =>
  nothingGetsThrough(
    t,
    bar,
    addresses.flatMap((address) => ways(named(address))),
    why,
  );

t.test('case 16: an allowed name that resolves to loopback is refused', async (t) => {
  await refuses('loopback', ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::127.0.0.1'])(t);
  await getsThrough(t, bar, ways(named(PUBLIC)), PUBLIC);
  await getsThrough(t, bar, ways(named(PUBLIC_V6)), PUBLIC_V6, 'the control in IPv6');
});

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
];

t.test(
  'case 17: an allowed name that resolves to a metadata service is refused, local binding on or off',
  async (t) => {
    await refuses('metadata', [...METADATA, '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe'])(t);
    bar.configure({ ...ALL, network: 'allow_local_binding = true' });
    await refuses('metadata with local binding', METADATA)(t);
    bar.configure(ALL);
  },
);

t.test('case 18: private, unique-local and shared addresses are refused while local binding is off', async (t) => {
  const addresses = ['10.1.2.3', '172.16.0.1', '172.31.255.254', '192.168.1.1', '100.64.0.1', '100.127.255.254'];
  await refuses('private', [...addresses, '169.254.1.1', '198.18.0.1', 'fc00::1', 'fd12::1', 'fec0::1', '2001:db8::1'])(
    t,
  );
  bar.configure({ ...ALL, network: 'allow_local_binding = true' });
  await getsThrough(t, bar, ways(named('10.1.2.3')), '10.1.2.3', 'local binding on');
  bar.configure(ALL);
});

t.test('case 19: this machine’s own addresses and the daemon’s own port are refused', async (t) => {
  await refuses('an own interface', [OWN])(t);
  const port = Number(new URL(bar.daemon.url).port);
  const toDaemon = (host: string): Attempt[] => [
    get(`http://${host}:${port}/readyz`, `${host}:${port}`),
    connect(`${host}:${port}`, `GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n`),
    socksName(host, port, 'GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n'),
  ];
  bar.configure({
    domains: { '*': 'allow', '127.0.0.1': 'allow', localhost: 'allow', '::1': 'allow' },
    network: 'allow_local_binding = true',
  });
  const spellings = ['127.0.0.1', 'localhost', '127.0.0.2', '[::ffff:127.0.0.1]', '0.0.0.0', OWN, named('127.0.0.1')];
  await nothingGetsThrough(t, bar, spellings.flatMap(toDaemon), 'the daemon');
  await getsThrough(
    t,
    bar,
    [get('http://127.0.0.1/', '127.0.0.1')],
    '127.0.0.1',
    'another listed port of this machine',
  );
  bar.configure(ALL);
});

t.test('case 20: of a mixed answer only the public addresses are used, and none means denied', async (t) => {
  for (const mixed of [
    [PUBLIC, '127.0.0.1'],
    ['127.0.0.1', PUBLIC],
    ['10.0.0.1', '169.254.169.254', PUBLIC, '::1'],
    ['fd00:ec2::254', '::1', PUBLIC],
  ])
    await getsThrough(t, bar, ways(named(...mixed)), PUBLIC, mixed.join());
  await nothingGetsThrough(t, bar, ways(named('127.0.0.1', '10.0.0.1', '::1', 'fc00::1')), 'no public one');
});

t.test('case 20: an address that a rule denies is removed from the answer, too', async (t) => {
  bar.configure({ domains: { '*': 'allow', [HOSTILE]: 'deny' } });
  await getsThrough(t, bar, ways(named(HOSTILE, PUBLIC)), PUBLIC);
  await nothingGetsThrough(t, bar, ways(named(HOSTILE)), 'the denied one alone');
  bar.configure(ALL);
});

/** Answers with the first address, and after the first question of each family with the second. */
function rebind(name: string, first: string, second: string): void {
  let questions = 0;
  Object.defineProperty(zone, name, {
    configurable: true,
    get: () => (questions++ < 2 ? [first] : [second]),
  });
}

t.test('case 21: a name is looked up once per decision, and the judged address is connected', async (t) => {
  for (const [index, way] of ways('x').entries()) {
    const name = `rebind${index}.names.test`;
    rebind(name, PUBLIC, '127.0.0.1');
    asked.splice(0);
    await getsThrough(t, bar, [ways(name)[index] ?? way], PUBLIC);
    t.strictSame(asked, [name, name], 'one question for A, one for AAAA');
  }
  rebind('turned.names.test', '127.0.0.1', PUBLIC);
  await nothingGetsThrough(t, bar, ways('turned.names.test').slice(0, 1), 'the first answer counts');
});

t.test('case 22: each request of a kept connection is judged again', async (t) => {
  zone['kept.names.test'] = [PUBLIC];
  const one = 'GET http://kept.names.test/1 HTTP/1.1\r\nHost: kept.names.test\r\n\r\n';
  const two = 'GET http://kept.names.test/2 HTTP/1.1\r\nHost: kept.names.test\r\nConnection: close\r\n\r\n';
  const turning = setInterval(() => {
    if (bar.internet.hits.length > 0) zone['kept.names.test'] = ['127.0.0.1'];
  }, 10);
  // Answers are reused for at most one second.
  const [outcome] = await bar.attack([{ via: 'http', send: [one, HEAD, 1600, two] }]);
  clearInterval(turning);
  t.match(outcome?.received, /200 OK.*reached 93\.184\.216\.34 GET \/1.*403 Forbidden.*not_allowed_local/s);
  t.strictSame(
    bar.internet.take().map(({ address, bytes }) => [address, bytes().match(/GET/g)?.length]),
    [[PUBLIC, 1]],
  );
  zone['kept.names.test'] = [PUBLIC_TOO];
  await getsThrough(t, bar, ways('kept.names.test'), PUBLIC_TOO, 'the next address');
});

t.test('case 23: a name server that fails or is silent soon causes a denial with a reason', async (t) => {
  zone['silent.test'] = 'silent';
  zone['broken.test'] = 'failure';
  zone['nothing.test'] = [];
  const begun = Date.now();
  for (const name of ['silent.test', 'broken.test', 'nothing.test', 'no-such-name.test']) {
    const [answer] = await nothingGetsThrough(t, bar, ways(name), name);
    t.match(answer?.received, /^HTTP\/1\.1 403 .*"reason":"not_allowed_local"/s, `${name} says why`);
  }
  t.ok(Date.now() - begun < 30_000, 'none of them hangs');
  await getsThrough(t, bar, ways(named(PUBLIC)), PUBLIC);
});

t.test('case 23: hanging lookups of one command block no other command', async (t) => {
  zone['silent.test'] = 'silent';
  const slow = bar.attack(Array.from({ length: 30 }, (_, n) => get(`http://silent.test/${n}`, 'silent.test')));
  const [outcome] = await bar.attack([get('http://ok.test/', 'ok.test')]);
  t.match(outcome?.received, /^HTTP\/1\.1 200 /);
  t.ok((await slow).every(({ received }) => /^HTTP\/1\.1 403 /.test(received)));
  bar.internet.take();
});

t.test('case 24: 0.0.0.0 and :: are this machine, and refused', async (t) => {
  await refuses('by name', ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'])(t);
  await nothingGetsThrough(t, bar, ['0.0.0.0', '0', '[::]', '[::ffff:0:0]'].flatMap(ways), 'as literals');
});
