/** Security bar, cases 36 to 39: SOCKS, from a real command. */
import { PYTHON } from '../fixtures/python.js';
import { HOSTILE, PUBLIC, PUBLIC_V6 } from './support/world.js';
import t from 'tap';
import { get, REPLY, socksAddress, socksName, type Attempt } from './support/attempt.js';
import { startBar } from './support/bar.js';
import { getsThrough, nothingGetsThrough } from './support/expect.js';

t.setTimeout(120_000);

const bar = await startBar(t, { domains: { '**.ok.test': 'allow', [PUBLIC]: 'allow', [PUBLIC_V6]: 'allow' } });
const octets = (...values: readonly (string | number)[]): string =>
  values.map((value) => (typeof value === 'string' ? value : String.fromCharCode(value))).join('');
const socks = (...send: Attempt['send']): Attempt => ({ via: 'socks', send, endAfter: true });
const bytesOf = (text: string): number[] => [...Buffer.from(text, 'latin1')];

const NO_AUTHENTICATION = octets(5, 1, 0);
const TO_OK = octets(5, 1, 0, 3, 7, 'ok.test', 0, 22);
const control = socksName('ok.test', 22, 'inside');

/** Runs in parallel with the rest: the greeting has fifteen seconds, and so has the request. */
const slow = bar.attack(
  [
    ['\x05', 'the greeting has not come whole'],
    [octets(5, 255, 0), 'nor its methods'],
    [octets(NO_AUTHENTICATION, 5, 1, 0, 3, 200, 'ok.test'), 'nor the name'],
    [octets(NO_AUTHENTICATION, 5, 1, 0, 1, 93), 'nor the address'],
  ].map(([text]) => ({ via: 'socks', send: [text ?? ''], limitMs: 25_000 })),
);

t.test('case 36: the port belongs to its own command; no other command can probe it', async (t) => {
  await getsThrough(t, bar, [control], PUBLIC);
  const { stdout } = await bar.run(['sh', '-c', 'echo "${ALL_PROXY##*:}"; echo "${HTTP_PROXY##*:}"; sleep 1'], {});
  const [ownSocks = '', ownHttp = ''] = stdout.trim().split('\n');
  const probing = bar.run(['sh', '-c', 'sleep 2'], {}); // a command beside it, with ports of any number
  const probes = [ownSocks, ownHttp].map((port): Attempt => ({
    via: { host: '127.0.0.1', port: Number(port) },
    send: [NO_AUTHENTICATION, 100, TO_OK],
    limitMs: 2000,
  }));
  const outcomes = await bar.attack(probes);
  await probing;
  t.ok(
    outcomes.every(({ received }) => !received.startsWith('\x05\x00')),
    'the ports of a command that has ended',
  );
  t.strictSame(bar.internet.take(), []);
});

t.test('case 36: methods that are not offered are not used, and passwords identify nobody', async (t) => {
  const offers: readonly [string, string][] = [
    [octets(5, 1, 2), '\x05\xff'],
    [octets(5, 2, 1, 2), '\x05\xff'],
    [octets(5, 1, 0x80), '\x05\xff'],
    [octets(5, 0), ''],
  ];
  const outcomes = await nothingGetsThrough(
    t,
    bar,
    offers.map(([offer]) => socks(offer, 100, octets(1, 1, 'u', 1, 'p'), 100, TO_OK)),
    'no method',
  );
  t.strictSame(
    outcomes.map(({ received }) => received),
    offers.map(([, answer]) => answer),
  );
});

t.test('case 37: BIND and UDP ASSOCIATE are refused, for every address', async (t) => {
  const attempts = [2, 3, 0, 4, 9, 0x7f, 0xff].flatMap((command) => [
    socks(NO_AUTHENTICATION, 50, octets(5, command, 0, 1, 0, 0, 0, 0, 0, 0)),
    socks(NO_AUTHENTICATION, 50, octets(5, command, 0, 3, 7, 'ok.test', 0, 22)),
    socks(NO_AUTHENTICATION, 50, octets(5, command, 0, 4, ...Array<number>(16).fill(0), 0, 0)),
  ]);
  const outcomes = await nothingGetsThrough(t, bar, attempts, 'another command than CONNECT');
  t.ok(
    outcomes.every(({ received }) => received.startsWith('\x05\x00\x05\x07') && received.length === 12),
    'reply 07, and the end',
  );
});

t.test('case 37: datagrams reach nothing: not the proxy’s port, not a name server, with FRAG or without', async (t) => {
  const script = `
    import socket, os
    ports = [int(os.environ[k].rsplit(":", 1)[1]) for k in ("ALL_PROXY", "HTTP_PROXY")]
    for host, port in [("127.0.0.1", p) for p in ports] + [("127.0.0.53", 53), ("${PUBLIC}", 53)]:
        for frag in (0, 1, 0x80):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.2)
            try:
                s.sendto(bytes([0, 0, frag, 1, 93, 184, 216, 34, 0, 53]) + b"inside", (host, port)); print("answer", s.recv(99))
            except OSError: print("none")
  `.replace(/^ {4}/gm, '');
  bar.names.asked.splice(0);
  const { stdout } = await bar.run([PYTHON, '-c', script.trim()]);
  t.equal(stdout, 'none\n'.repeat(12));
  t.strictSame(bar.names.asked, []);
});

t.test('case 37: a refusing reply does not reveal this machine’s addresses', async (t) => {
  const [refused] = await bar.attack([socksName('evil.test', 22)]);
  t.equal(refused?.received, octets(5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0));
});

t.test('case 38: truncated greetings and requests end without a tunnel', async (t) => {
  const whole = NO_AUTHENTICATION + TO_OK;
  const cuts = Array.from({ length: whole.length }, (_, n) => socks(whole.slice(0, n)));
  await nothingGetsThrough(t, bar, cuts, 'a part');
  await getsThrough(
    t,
    bar,
    [socks(...bytesOf(whole).flatMap((octet) => [octets(octet), 5]), REPLY, 'inside')],
    PUBLIC,
    'the whole, byte by byte,',
  );
  await getsThrough(t, bar, [socks(`${whole}inside`, { answer: 'inside' })], PUBLIC, 'all at once');
});

t.test('case 39: SOCKS4, SOCKS4a, HTTP and TLS on this port are closed without an answer', async (t) => {
  const attempts = [
    socks(octets(4, 1, 0, 22, 93, 184, 216, 34, 'user', 0), REPLY, 'inside'),
    socks(octets(4, 1, 0, 22, 0, 0, 0, 1, 'user', 0, 'ok.test', 0), REPLY, 'inside'),
    socks(octets(4, 2, 0, 22, 93, 184, 216, 34, 0), REPLY, 'inside'),
    socks('GET http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\n\r\n'),
    socks('CONNECT ok.test:22 HTTP/1.1\r\n\r\n'),
    socks(octets(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0)),
    socks(octets(0, 1, 0)),
    socks(octets(5, 1, 0), 100, octets(4, 1, 0, 22, 93, 184, 216, 34, 0), REPLY, 'inside'),
  ];
  const outcomes = await nothingGetsThrough(t, bar, attempts, 'no SOCKS5');
  t.ok(outcomes.every(({ received }) => received === '' || received === '\x05\x00'));
});

t.test('cases 1 to 15 by SOCKS: an address type cannot turn one host into another', async (t) => {
  const attempts = [
    socks(NO_AUTHENTICATION, octets(5, 1, 0, 3, 0, 0, 22)),
    socks(NO_AUTHENTICATION, octets(5, 1, 0, 2, 7, 'ok.test', 0, 22)),
    socks(NO_AUTHENTICATION, octets(5, 1, 0, 0, 7, 'ok.test', 0, 22)),
    socks(NO_AUTHENTICATION, octets(5, 1, 0, 0x83, 7, 'ok.test', 0, 22)),
    // The length names fewer or more bytes than there are.
    socks(NO_AUTHENTICATION, octets(5, 1, 0, 3, 9, 'evil.test.ok.test', 0, 22)),
    socks(NO_AUTHENTICATION, octets(5, 1, 0, 3, 255, 'ok.test', 0, 22)),
    socksAddress([93, 184, 216, 66], 22, 'inside'),
    socksAddress([127, 0, 0, 1], 22, 'inside'),
    socksAddress([...Array<number>(10).fill(0), 255, 255, 93, 184, 216, 66], 22, 'inside'),
    socksAddress([...Array<number>(10).fill(0), 255, 255, 127, 0, 0, 1], 22, 'inside'),
  ];
  await nothingGetsThrough(t, bar, attempts, 'an address');
  await getsThrough(t, bar, [socksAddress([93, 184, 216, 34], 22, 'inside'), control], PUBLIC);
  await getsThrough(
    t,
    bar,
    [socksAddress([0x26, 6, 0x28, 0, 2, 0x20, ...Array<number>(9).fill(0), 0x34], 22, 'inside')],
    PUBLIC_V6,
  );
});

t.test('one decision for both: what SOCKS may reach, HTTP may reach, and the other way round', async (t) => {
  const rows: readonly [Record<string, 'allow' | 'deny'>, readonly string[], readonly string[]][] = [
    [{ 'ok.test': 'allow' }, ['ok.test', 'OK.test.'], ['a.ok.test', 'evil.test', '127.0.0.1', PUBLIC]],
    [{ '*': 'allow', 'ok.test': 'deny' }, ['a.ok.test', PUBLIC], ['ok.test', '10.0.0.1', 'localhost']],
    [{ '*': 'allow', [HOSTILE]: 'deny' }, ['ok.test'], ['evil.test', HOSTILE, `::ffff:${HOSTILE}`]],
  ];
  for (const [domains, yes, no] of rows) {
    bar.configure({ domains });
    const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
    const both = (host: string): Attempt[] => [
      get(`http://${inUrl(host)}/`, inUrl(host)),
      socksName(host, 22, 'inside'),
    ];
    await getsThrough(t, bar, yes.flatMap(both), PUBLIC);
    await nothingGetsThrough(t, bar, no.flatMap(both), JSON.stringify(domains));
  }
});

t.test('case 38: bytes that arrive too late close the connection', async (t) => {
  const outcomes = await slow;
  t.ok(
    outcomes.every(({ ended, error }) => ended && error === null),
    JSON.stringify(outcomes),
  );
  t.ok(outcomes.every(({ ms }) => ms < 18_000));
});
