import t, { type Test } from 'tap';
import { policyOf } from '../../support/policy.js';
import { portsOf, register, startService } from '../../support/service.js';
import { converse, open, startTcp } from '../../support/wire.js';

async function setUp(t: Test) {
  const { service, decisions, warnings } = startService(t);
  const upstream = await startTcp((socket) => socket.pipe(socket));
  const registration = await register(service);
  t.teardown(async () => {
    registration.finish({ treeGone: true });
    upstream.close();
    await service.close();
    if (warnings.length > 0) throw new Error(`a fault of the proxy itself: ${warnings.join()}`);
  });
  return { service, decisions, upstream, port: portsOf(registration).socks };
}

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const GREETING = '050100';
const port16 = (port: number): string => port.toString(16).padStart(4, '0');
const byName = (name: string, port: number, command = '01'): string =>
  `05${command}0003${name.length.toString(16).padStart(2, '0')}${Buffer.from(name, 'latin1').toString('hex')}${port16(port)}`;
const answerTo = async (port: number, ...parts: string[]): Promise<string> =>
  Buffer.from(await converse(port, hex(parts.join(''))), 'latin1').toString('hex');

t.test('with `enable_socks5 = false` its port serves nobody, and HTTP still works', async (t) => {
  const { service } = startService(t);
  const upstream = await startTcp((socket) => socket.pipe(socket));
  const policy = policyOf({ 'ok.test': 'allow' }, { allowLocalBinding: true, enableSocks5: false });
  const registration = await register(service, { policy });
  t.teardown(async () => {
    registration.finish({ treeGone: true });
    upstream.close();
    await service.close();
  });
  const [http = 0, socks = 0] = registration.lane?.ports ?? [];
  await t.rejects(answerTo(socks, GREETING, byName('ok.test', upstream.port)), { code: 'ECONNRESET' });
  const conversation = await open(http);
  conversation.send(`CONNECT ok.test:${upstream.port} HTTP/1.1\r\n\r\n`);
  t.match(await conversation.until(/\r\n\r\n/), /^HTTP\/1.1 200 /);
});

t.test('conversations without a tunnel, and their replies', async (t) => {
  const { port } = await setUp(t);
  const refused = '0500' + '05020001000000000000';
  const rows: [sent: string[], reply: string, why: string][] = [
    [['050102'], '05ff', 'only user and password are offered'],
    [['0500'], '', 'no method is offered'],
    [['040100507f00000100'], '', 'case 39: SOCKS4'],
    [['04010050000000010061007800'], '', 'case 39: SOCKS4a'],
    [[Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')], '', 'HTTP on this port'],
    [[GREETING, byName('api.test', 80)], refused, 'not on the list'],
    [[GREETING, byName('EVIL.test.', 80)], refused, 'denied, in its canonical form'],
    [[GREETING, '050100017f0000010050'], refused, 'an IPv4 literal that is not listed'],
    [[GREETING, `05010004${'00'.repeat(15)}010050`], refused, 'an IPv6 literal that is not listed'],
    [['05020200', byName('api.test', 80)], refused, 'no authentication among others'],
    [[GREETING, byName('ok.test', 1)], '0500' + '05050001000000000000', 'nobody listens there'],
    [[GREETING, byName('unknown.ok.test', 80)], '0500' + '05050001000000000000', 'no such name'],
    [[GREETING, byName('ok.test', 80, '02')], '0500' + '05070001000000000000', 'case 37: BIND'],
    [[GREETING, '05030001000000000000'], '0500' + '05070001000000000000', 'case 37: UDP ASSOCIATE'],
    [[GREETING, byName('ok.test', 80, '09')], '0500' + '05070001000000000000', 'an unknown command'],
    [[GREETING, '050100020000'], '0500', 'an unknown address type'],
    [[GREETING, byName('', 80)], '0500', 'an empty name'],
    [[GREETING, byName('evil.test\0.ok.test', 80)], '0500', 'case 1: NUL'],
    [[GREETING, byName('ok.test\r\n', 80)], '0500', 'case 2: a line end'],
    [[GREETING, byName('::1%lo', 80)], '0500', 'case 3: a zone'],
    [[GREETING, byName('a..ok.test', 80)], '0500', 'case 4: an empty label'],
    [[GREETING, byName(`${'a'.repeat(64)}.ok.test`, 80)], '0500', 'case 4: a label too long'],
    [[GREETING, byName('m\u00fc.ok.test', 80)], '0500', 'case 7: octets above 0x7f'],
    [[GREETING, byName('ok.test', 0)], '0500', 'case 14: port 0'],
    [[GREETING, '04' + byName('ok.test', 80).slice(2)], '0500', 'another version in the request'],
  ];
  for (const [sent, reply, why] of rows) t.equal(await answerTo(port, ...sent), reply, why);
});

t.test('an allowed target is connected, and early bytes arrive', async (t) => {
  const { port, upstream, decisions } = await setUp(t);
  const conversation = await open(port);
  conversation.send(hex(`${GREETING}${byName('OK.test.', upstream.port)}`));
  conversation.send('hello');
  const answer = Buffer.from(await conversation.until(/hello$/), 'latin1').toString('hex');
  t.match(answer, /^0500050000017f000001....68656c6c6f$/);
  conversation.send(' again');
  await conversation.until(/ again$/);
  t.match(decisions.list(), [{ protocol: 'socks5Tcp', method: null, host: 'ok.test', address: '127.0.0.1' }]);
});

t.test('case 38: single bytes are assembled', async (t) => {
  const { port, upstream } = await setUp(t);
  const conversation = await open(port);
  for (const octet of hex(`${GREETING}${byName('ok.test', upstream.port)}`)) {
    conversation.send(Buffer.from([octet]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  conversation.send('x');
  await conversation.until(/x$/);
});

t.test('case 33: limited mode refuses every target, because no method can be seen', async (t) => {
  const { service } = await setUp(t);
  const registration = await register(service, {
    policy: policyOf({ 'ok.test': 'allow' }, { allowLocalBinding: true, mode: 'limited' }),
  });
  t.teardown(() => void registration.finish({ treeGone: true }));
  t.equal(await answerTo(portsOf(registration).socks, GREETING, byName('ok.test', 80)), '050005020001000000000000');
});
