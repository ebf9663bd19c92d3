import net, { type AddressInfo } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { ByteReader } from '../../../server/network-approval/proxy/http/byte-reader.js';
import { readBody } from '../../../server/network-approval/proxy/http/request-body.js';
import { parseRequestHead } from '../../../server/network-approval/proxy/http/request-head.js';
import { connectTarget, destinationOf } from '../../../server/network-approval/proxy/http/request-target.js';
import { until } from '../../fixtures/until.js';

/** Two ends of one loopback connection. */
async function pair(t: { teardown(fn: () => void): void }): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer({ allowHalfOpen: true });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const client = net.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const accepted = await new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  for (const socket of [client, accepted]) socket.on('error', () => {});
  t.teardown(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return [client, accepted];
}

t.test('a head is found for any division into pieces', async (t) => {
  const head = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  for (let cut = 1; cut < head.length; cut++) {
    const [client, accepted] = await pair(t);
    const reader = new ByteReader(accepted);
    const found = reader.head(1000, 5000);
    client.write(head.slice(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    client.write(`${head.slice(cut)}rest`);
    t.equal((await found).toString(), head, `cut at ${cut}`);
    t.equal((await reader.some(100))?.toString(), 'rest');
    client.destroy();
  }
});

t.test('the reasons for a missing head', async (t) => {
  const rows: [sent: string, end: boolean, problem: string, why: string][] = [
    ['', true, 'ended', 'closed before a byte'],
    ['\r\n\r\n', true, 'ended', 'empty lines are no request'],
    ['GET / HT', true, 'cut-off', 'closed in the middle'],
    ['GET / HTTP/1.1\nHost: a\n\n', false, 'malformed', 'bare line feeds'],
    ['\n', false, 'malformed', 'one alone'],
    [`GET / HTTP/1.1\r\nX: ${'a'.repeat(200)}`, false, 'too-large', 'without an end in sight'],
    [`GET / HTTP/1.1\r\nX: ${'a'.repeat(200)}\r\n\r\n`, false, 'too-large', 'whole, and too large'],
    ['GET / HTTP/1.1\r\n', false, 'timeout', 'case 26: nothing follows'],
  ];
  for (const [sent, end, problem, why] of rows) {
    const [client, accepted] = await pair(t);
    const found = new ByteReader(accepted).head(150, 50);
    if (end) client.end(sent);
    else client.write(sent);
    t.equal(await found, problem, why);
  }
});

t.test('case 26: a head that arrives slowly does not get more time', async (t) => {
  const [client, accepted] = await pair(t);
  const dripping = setInterval(() => client.write('a'), 5);
  t.teardown(() => clearInterval(dripping));
  t.equal(await new ByteReader(accepted).head(100_000, 60), 'timeout');
});

t.test('a sender without a reader is paused', async (t) => {
  const [client, accepted] = await pair(t);
  const reader = new ByteReader(accepted);
  client.write(Buffer.alloc(16 << 20));
  await until(() => accepted.isPaused(), 'the sender is stopped');
  let total = 0;
  while (total < 16 << 20) total += (await reader.some(1 << 20))?.length ?? 0;
  t.equal(total, 16 << 20, 'and goes on when somebody does');
});

t.test('an incomplete body does not count as a shorter body', async (t) => {
  for (const [sent, framing] of [
    ['abc', { kind: 'length', length: 4 }],
    ['3\r\nabc\r\n', { kind: 'chunked' }],
    ['3\r\nab', { kind: 'chunked' }],
    ['0\r\n', { kind: 'chunked' }],
  ] as const) {
    const [client, accepted] = await pair(t);
    client.end(sent);
    await t.rejects(async () => {
      for await (const piece of readBody(new ByteReader(accepted), framing)) void piece;
    }, JSON.stringify(sent));
  }
});

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.stringMatching(/^(GET|CONNECT|[a-z ]{1,5}) (http:\/\/|\/)?[ -~]{0,20} HTTP\/1\.[01]$/),
);

t.test('no head makes the parsers throw, and every accepted head has one reading', async () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.stringMatching(/^[A-Za-z-]{1,10} ?:[ \t]?[ -~]{0,20}$/),
  );
  fc.assert(
    fc.property(anything, fc.array(line, { maxLength: 6 }), (first, lines) => {
      const text = [first, ...lines, '', ''].join('\r\n');
      const head = parseRequestHead(Buffer.from(text, 'latin1'));
      if (typeof head === 'string') return true;
      const where = head.method === 'CONNECT' ? connectTarget(head.target) : destinationOf(head);
      const written = head.headers.map(({ name, value }) => `${name}: ${value}`);
      const clean = [head.method, head.target, ...written].every((part) => !/[\x00-\x08\x0a-\x1f\x7f]/.test(part));
      const again = parseRequestHead(
        Buffer.from(
          `${head.method} ${head.target} HTTP/1.${head.minorVersion}\r\n${written.map((l) => `${l}\r\n`).join('')}\r\n`,
          'latin1',
        ),
      );
      return where !== undefined && clean && JSON.stringify(again) === JSON.stringify(head);
    }),
    { numRuns: 3000 },
  );
});
