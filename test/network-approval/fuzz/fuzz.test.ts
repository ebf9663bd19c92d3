// Not in test:quick: it tries random requests for seconds
import fc from 'fast-check';
import t from 'tap';
import { CHECKS, OPENSSL } from './checks.js';
import { clientHello } from './corpus.js';
import { overSocket } from './over-socket.js';
import { fuzz } from './run.js';

/** The short version of `npm run fuzz`: another seed every day, so that a failure can be repeated. */
const SEED = Math.floor(Date.now() / 86_400_000);
const RUNS = 4000;

t.setTimeout(120_000);

const shown = ({ found }: Awaited<ReturnType<typeof fuzz>>) =>
  found && { check: found.check, error: String(found.error), cut: found.cut, input: found.input.toString('latin1') };

for (const check of CHECKS) {
  t.test(`${check.name}: mutated bytes are refused, or read as other parsers read them (seed ${SEED})`, async (t) => {
    const result = await fuzz(check, RUNS, SEED);
    t.equal(shown(result), null);
    t.ok(result.accepted > 0, 'the test can fail: some are accepted');
  });
}

t.test(`a ClientHello is read as OpenSSL reads it (seed ${SEED})`, async (t) => {
  const result = await fuzz(OPENSSL, 300, SEED);
  t.equal(shown(result), null);
  t.ok(result.accepted > 0);
  const name = 'seen-by-openssl.test';
  t.ok(await OPENSSL.run(clientHello(name, 30), 0), 'the test can fail: OpenSSL reads names');
});

t.test(`mutated bytes over real connections reach no other host and cause no fault (seed ${SEED})`, async (t) => {
  const found = await overSocket(1500, SEED);
  t.equal(found && { error: String(found.error), input: found.input.toString('latin1') }, null);
});

const check = (name: string) => {
  const found = CHECKS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no check ${name}`);
  return found;
};
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
/** What grammars make, rather than mutations. */
const label = fc.stringMatching(/^[A-Za-z0-9_-]{0,8}$/);
const number = fc.oneof(
  fc.nat(0xffffffff).map(String),
  fc.nat(0xffffffff).map((n) => `0x${n.toString(16)}`),
  fc.nat(0xffffffff).map((n) => `0${n.toString(8)}`),
  fc.nat(300).map(String),
);
const hosts = fc.oneof(
  fc.array(label, { maxLength: 5 }).map((labels) => labels.join('.')),
  fc.array(number, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
  fc.ipV6(),
  fc.ipV6().map((text) => `[${text}]`),
  fc.tuple(fc.ipV6(), label).map(([text, zone]) => `${text}%${zone}`),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.webAuthority({ withIPv4: true, withIPv6: true, withIPv4Extended: true, withUserInfo: true, withPort: true }),
);
const fields = fc.array(
  fc.oneof(
    fc.constantFrom(
      'Host: ok.test',
      'Content-Length: 3',
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
      'Connection: close',
    ),
    fc.constantFrom(
      'Transfer-Encoding: gzip, chunked',
      'Content-Length : 3',
      ' folded',
      'X: a\rb',
      'Host: evil.test',
      'Expect: 100-continue',
    ),
    fc.stringMatching(/^[A-Za-z-]{1,8}:[ \t]{0,2}[ -~]{0,12}$/),
  ),
  { maxLength: 5 },
);
const bodies = fc.oneof(
  fc.constantFrom(
    '',
    'abc',
    '3\r\nabc\r\n0\r\n\r\n',
    '0\r\n\r\n',
    '3\r\nabcd\r\n0\r\n\r\n',
    '3;x="a\\"b"\r\nabc\r\n00\r\nT: v\r\n\r\n',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

t.test('every accepted host is the same host for all parsers', async () =>
  fc.assert(
    fc.property(hosts, (text) => void check('host').run(latin1(text), 0)),
    { numRuns: 3000 },
  ),
);

t.test('every accepted request is one request for all parsers', async () => {
  const methods = fc.constantFrom('GET', 'POST', 'CONNECT', 'OPTIONS', 'get', 'BREW');
  const targets = fc.oneof(
    hosts.map((host) => `http://${host}/`),
    hosts.map((host) => `https://${host}:8443/a?b`),
    hosts,
    fc.constantFrom('/', '*', '//evil.test/', 'http://ok.test'),
  );
  const messages = fc.tuple(
    methods,
    targets,
    fields,
    bodies,
    fc.constantFrom('', 'GET http://evil.test/ HTTP/1.1\r\n\r\n'),
  );
  return fc.assert(
    fc.asyncProperty(messages, fc.nat(300), async ([method, target, lines, body, next], cut) => {
      const bytes = latin1(`${[`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n')}${body}${next}`);
      await check('message').run(bytes, Math.min(cut, bytes.length));
    }),
    { numRuns: 3000 },
  );
});

t.test('every accepted chunked body is one body for all parsers', async () => {
  const chunk = fc
    .tuple(
      fc.string({ unit: 'binary', maxLength: 9 }),
      fc.constantFrom('', ';a', ';a=b', ';a="b c"', ' ', ';', ';a=', ';\t'),
    )
    .map(([data, extension]) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`);
  const whole = fc.tuple(
    fc.array(chunk, { maxLength: 4 }),
    fc.constantFrom('0\r\n\r\n', '0\r\nA: b\r\n\r\n', '0\r\n\n', '0\r\nb\r\n\r\n', ''),
    bodies,
  );
  return fc.assert(
    fc.asyncProperty(whole, fc.nat(60), async ([chunks, end, rest], cut) => {
      const bytes = latin1(`${chunks.join('')}${end}${rest}`);
      await check('chunks').run(bytes, Math.min(cut, bytes.length));
    }),
    { numRuns: 3000 },
  );
});

t.test('a SOCKS conversation names one target, wherever its bytes are cut', async () => {
  const requests = fc.tuple(
    fc.constantFrom('\x05\x01\x00', '\x05\x02\x02\x00', '\x05\x01\x02', '\x05\x00', '\x04\x01'),
    fc.constantFrom(0, 1, 2, 3, 9),
    hosts.filter((host) => host.length < 256),
    fc.nat(65_535),
  );
  return fc.assert(
    fc.asyncProperty(requests, fc.nat(40), async ([greeting, command, host, port], cut) => {
      const request = `\x05${String.fromCharCode(command)}\x00\x03${String.fromCharCode(host.length)}${host}`;
      const bytes = Buffer.concat([latin1(greeting + request), Buffer.from([port >> 8, port & 255])]);
      await check('socks').run(bytes, Math.min(cut, bytes.length));
    }),
    { numRuns: 3000 },
  );
});

t.test('a server name is read for any division into records, and the whole agrees with every part', async () => {
  const names = fc.option(fc.stringMatching(/^[ -~]{1,40}$/), { nil: null });
  return fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 300 }), fc.nat(600), (name, size, cut) => {
      const bytes = clientHello(name, size);
      return check('hello').run(bytes, Math.min(cut, bytes.length)) === true;
    }),
    { numRuns: 1000 },
  );
});
