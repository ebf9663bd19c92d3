/** Security bar, cases 25 to 35: HTTP texts that two readers understand differently, from a real command. */
import crypto from 'node:crypto';
import { HOSTILE, PUBLIC } from './support/world.js';
import t from 'tap';
import { connect, get, type Attempt, type Outcome } from './support/attempt.js';
import { startBar } from './support/bar.js';
import { getsThrough, nothingGetsThrough } from './support/expect.js';

t.setTimeout(120_000);

const bar = await startBar(t, { domains: { '**.ok.test': 'allow' } });
/** Runs in parallel with the rest: a head has fifteen seconds. */
const slowHeads = bar.attack([
  {
    via: 'http',
    send: ['GET http://ok.test/slow HTTP/1.1\r\nX: ', ...Array.from({ length: 60 }, () => ['a', 300]).flat()],
    limitMs: 25_000,
  },
  { via: 'http', send: ['GET http://ok.test/slow HTTP/1.1\r\n'], limitMs: 25_000 },
]);
const control = get('http://ok.test/', 'ok.test');
const raw = (...send: (string | number)[]): Attempt => ({ via: 'http', send });
/** A request with a kept connection: the data after it on the connection is the attack. */
const kept = (url: string, host: string, more = ''): string => `GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const LAST = 'GET http://ok.test/last HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n';
const statuses = (outcome: Outcome | undefined): string[] =>
  [...(outcome?.received ?? '').matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => status ?? '');

t.test('case 25: a Host header that is not the request’s target is refused', async (t) => {
  const attempts = [
    get('http://ok.test/', 'evil.test'),
    get('http://evil.test/', 'ok.test'),
    get('http://ok.test/', 'ok.test:8080'),
    get('http://ok.test:8080/', 'ok.test'),
    get('http://ok.test/', 'ok.test.'),
    get('http://ok.test/', 'a.ok.test'),
    get('http://ok.test/', 'ok.test', 'Host: evil.test\r\n'),
    get('http://ok.test/', 'ok.test', 'host: ok.test\r\n'),
    get('http://ok.test/', 'ok.test, evil.test'),
    get('http://ok.test/', 'ok.test evil.test'),
    get('/', 'ok.test', 'Host: evil.test\r\n'),
    raw('GET http://ok.test/ HTTP/1.1\r\nHost : evil.test\r\nConnection: close\r\n\r\n'),
    raw('GET http://ok.test/ HTTP/1.1\r\n Host: evil.test\r\nConnection: close\r\n\r\n'),
    raw('GET http://ok.test/ HTTP/1.1\r\nX: y\r\n\tHost: evil.test\r\nConnection: close\r\n\r\n'),
    get('https://ok.test/', 'evil.test'),
    get('ftp://ok.test/', 'ok.test'),
    get('//evil.test/', 'evil.test'),
    raw('GET evil.test HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n'),
    raw('GET evil.test:80 HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n'),
    raw('GET http:evil.test HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n'),
    raw('GET http:/evil.test HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n'),
    raw('GET http:\\\\evil.test\\ HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n'),
  ];
  await nothingGetsThrough(t, bar, attempts, 'a mismatch');
  await getsThrough(t, bar, [control, get('/', 'ok.test')], PUBLIC);
});

t.test('case 25: the upstream sees the judged Host', async (t) => {
  const renamed = ['X-Forwarded-Host: evil.test', 'X-Host: evil.test', 'Forwarded: host=evil.test'].join('\r\n');
  await bar.attack([get('http://ok.test/a', 'OK.test', `${renamed}\r\n`), get('//evil.test/b', 'ok.test')]);
  const seen = bar.internet.take().map(({ address, bytes }) => [address, bytes()] as const);
  t.ok(
    seen.length > 0 && seen.every(([address]) => address === PUBLIC),
    'a path that looks like an authority is a path',
  );
  t.ok(
    seen.every(([, bytes]) => [...bytes.matchAll(/^Host: (.*)\r$/gim)].every(([, host]) => host === 'ok.test')),
    JSON.stringify(seen),
  );
});

const HEAD = 'POST http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\n';
const SMUGGLED = 'GET http://evil.test/smuggled HTTP/1.1\r\nHost: evil.test\r\n\r\n';

t.test(
  'case 26: both framings, two lengths, unknown codings, folded lines and bare line feeds are refused',
  async (t) => {
    const heads = [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
      'Content-Length: 0\r\nContent-Length: 44\r\n\r\n',
      'Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde',
      'Content-Length: 5, 5\r\n\r\nabcde',
      'Content-Length: +5\r\n\r\nabcde',
      'Content-Length: 5;\r\n\r\nabcde',
      'Content-Length: 0x5\r\n\r\nabcde',
      'Content-Length:\r\n\r\n',
      'Content-Length: 99999999999999999999\r\n\r\n',
      'Content_Length : 5\r\n\r\nabcde',
      'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: \x00chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding\r\n : chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: x\r\n chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'X: a\n\n',
      'X: a\r\n\n',
      'X: a\n\r\n',
      'X\r\n\r\n',
      ': a\r\n\r\n',
      'X: a\0b\r\n\r\n',
      '\r\n\r\n'.replace('\r\n\r\n', ' \r\n\r\n'),
    ];
    const attempts = heads.map((rest) => raw(HEAD + rest + SMUGGLED));
    const lines = [
      'POST http://ok.test/\tHTTP/1.1',
      'POST  http://ok.test/ HTTP/1.1',
      'POST http://ok.test/ HTTP/1.1 ',
      ' POST http://ok.test/ HTTP/1.1',
      'POST http://ok.test/ HTTP/2.0',
      'POST http://ok.test/ HTTP/01.1',
      'POST http://ok.test/ http/1.1',
      'POST http://ok.test/',
      'POST http://ok.test/ HTTP/1.1 HTTP/1.1',
      'PO ST http://ok.test/ HTTP/1.1',
      'POST\0 http://ok.test/ HTTP/1.1',
    ];
    attempts.push(...lines.map((line) => raw(`${line}\r\nHost: ok.test\r\n\r\n${SMUGGLED}`)));
    attempts.push(raw(`POST http://ok.test/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`));
    const outcomes = await nothingGetsThrough(t, bar, attempts, 'an ambiguous head');
    const odd = outcomes.flatMap((outcome, index) =>
      statuses(outcome).length === 1 && ['400', '501'].includes(statuses(outcome)[0] ?? '')
        ? []
        : [[attempts[index], outcome]],
    );
    t.strictSame(odd, [], 'one refusal each, and the connection ends');
    await getsThrough(t, bar, [control], PUBLIC);
  },
);

t.test('case 26: broken chunks never become the next request', async (t) => {
  const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  const bodies = [
    '5\r\nabcdefgh\r\n0\r\n\r\n',
    '-1\r\n\r\n',
    '5 \n abcde\r\n',
    '5\nabcde\r\n0\r\n\r\n',
    '0x5\r\nabcde\r\n',
    'FFFFFFFFFFFFFFFFF\r\n',
    '5\r\nabcde0\r\n\r\n',
    '0\n\n',
    '0\r\nX: y\n\n',
    '0\r\n\n',
    '\r\n',
    'g\r\n',
    '5\r\nabcde\r\n0\r\nGET http://evil.test/ HTTP/1.1\n\r\n',
    `1;${'a'.repeat(5000)}\r\nx\r\n0\r\n\r\n`,
  ];
  const outcomes = await bar.attack(bodies.map((body) => raw(chunked + body + SMUGGLED)));
  t.ok(
    outcomes.every((outcome) => statuses(outcome).length <= 1),
    'one answer at most',
  );
  const hits = bar.internet.take();
  t.ok(
    hits.every(({ address }) => address === PUBLIC),
    'nobody else is reached',
  );
  t.notOk(
    hits.some(({ bytes }) => /smuggled|evil\.test/.test(bytes())),
    'nothing of what followed goes out',
  );
  t.notOk(
    hits.some(({ bytes }) => /\r\n0\r\n\r\n$/.test(bytes())),
    'no upstream sees a whole request',
  );
});

t.test('case 26: a head that is too long, has too many lines or never ends is refused', async (t) => {
  const long = raw(`${HEAD}X: ${'a'.repeat(20_000)}\r\n\r\n`);
  const many = raw(`${HEAD}${'A: b\r\n'.repeat(10_000)}\r\n`);
  const few = raw(`${HEAD}${'A: b\r\n'.repeat(150)}\r\n`);
  const endless = raw('GET /', ...Array.from({ length: 40 }, () => 'a'.repeat(1000)));
  const outcomes = await nothingGetsThrough(t, bar, [long, many, few, endless], 'too much');
  for (const outcome of outcomes)
    t.ok(statuses(outcome)[0] === '431' || outcome.error === 'ECONNRESET', outcome.received);
  await getsThrough(t, bar, [control], PUBLIC);
});

t.test('case 27: each pipelined request is judged; the second, to a denied host, is refused', async (t) => {
  const [first, second, third] = await bar.attack([
    raw(kept('http://ok.test/1', 'ok.test') + kept('http://evil.test/2', 'evil.test') + LAST),
    raw(`${HEAD}Content-Length: ${SMUGGLED.length}\r\nConnection: content-length\r\n\r\n${SMUGGLED}${LAST}`),
    raw(kept('http://ok.test/1', 'ok.test'), 100, 'CONNECT evil.test:443 HTTP/1.1\r\nHost: ok.test\r\n\r\n', 100, LAST),
  ]);
  t.strictSame(statuses(first), ['200', '403', '200']);
  t.strictSame(statuses(second), ['200', '200'], 'a body that looks like a request is a body');
  t.strictSame(statuses(third), ['200', '403', '200'], 'a tunnel after a request');
  t.ok(
    bar.internet.take().every(({ address }) => address === PUBLIC),
    'the denied host is never reached',
  );
});

t.test('case 28: the client follows a redirect to a denied host itself, and is judged then', async (t) => {
  const { exitCode, stdout } = await bar.run([
    'curl',
    '-sS',
    '-L',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    'http://ok.test/redirect',
  ]);
  t.match({ exitCode, stdout }, { exitCode: 0, stdout: '403' });
  t.strictSame(
    bar.internet.take().map(({ address }) => address),
    [PUBLIC],
  );
});

t.test(
  'case 29: hop-by-hop and Connection-named fields end at the proxy, and nobody can forge x-proxy-error',
  async (t) => {
    const fields = [
      'Connection: close, X-Policy',
      'X-Policy: 1',
      'Proxy-Authorization: Basic eA==',
      'Proxy-Connection: keep-alive',
      'Keep-Alive: 1',
      'TE: trailers',
      'Trailer: X',
      'Authorization: Bearer kept',
    ];
    const [plain] = await bar.attack([
      raw(`GET http://ok.test/forge HTTP/1.1\r\nHost: ok.test\r\n${fields.join('\r\n')}\r\n\r\n`),
    ]);
    const sent = bar.internet.take()[0]?.bytes() ?? '';
    t.match(sent, /Authorization: Bearer kept/);
    t.notMatch(sent, /x-policy|proxy-|keep-alive|^te:|^trailer/im);
    t.match(plain?.received, /^HTTP\/1\.1 200 .*x-kept: 1/is, 'the control: other fields come back');
    t.notMatch(plain?.received, /x-proxy-error|x-secret|proxy-authenticate/i);
  },
);

t.test('case 30: TLS for another server inside an allowed tunnel is closed before a byte of it is sent', async (t) => {
  const tunnel = (serverName: string | null, authority = 'ok.test:443'): Attempt => ({
    via: 'http',
    send: [`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`],
    tls: { serverName, send: 'GET / HTTP/1.1\r\n\r\n' },
  });
  await bar.attack([tunnel('evil.test'), tunnel('EVIL.TEST.'), tunnel('evil.test.ok.test.evil.test')]);
  t.ok(
    bar.internet.take().every(({ address, bytes }) => address === PUBLIC && bytes() === ''),
    'not even its first byte',
  );
  await bar.attack([tunnel('ok.test'), tunnel('a.ok.test'), tunnel(null)]);
  const seen = bar.internet.take().map(({ bytes }) => bytes());
  t.equal(seen.filter((bytes) => bytes.startsWith('\x16\x03')).length, 3, 'the control: allowed names go through');
});

t.test('case 30: a server name that is split, oversized or invalid is refused', async (t) => {
  const hello = (name: string): string => clientHello(Buffer.from(name, 'latin1')).toString('latin1');
  const open = 'CONNECT ok.test:443 HTTP/1.1\r\nHost: ok.test:443\r\n\r\n';
  const inRecords = (text: string, size: number): string => {
    const body = text.slice(5);
    const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, n) =>
      body.slice(n * size, (n + 1) * size),
    );
    return pieces
      .map((piece) => `\x16\x03\x01${String.fromCharCode(piece.length >> 8, piece.length & 255)}${piece}`)
      .join('');
  };
  const evil = hello('evil.test');
  await bar.attack(
    [
      ...[1, 20, 60].map((cut) => raw(open, 100, evil.slice(0, cut), 300, evil.slice(cut), 300)),
      raw(open, 100, inRecords(evil, 40), 300),
      raw(open, 100, inRecords(evil, 1), 300),
      raw(open, 100, hello('evil.test\0.ok.test'), 300),
      raw(open, 100, hello('evil.test/'), 300),
      raw(open, 100, hello('127.0.0.1'), 300),
      raw(open + evil, 300),
    ].map((attempt) => ({ ...attempt, limitMs: 3000 })),
  );
  const sent = bar.internet.take().filter(({ bytes }) => bytes() !== '');
  t.strictSame(
    sent.map(({ bytes }) => bytes()),
    [],
  );
  await bar.attack([{ ...raw(open, 100, inRecords(hello('ok.test'), 40), 300), limitMs: 3000 }]);
  t.match(bar.internet.take()[0]?.bytes(), /^\x16\x03\x01/, 'the control: in pieces, and of the tunnel’s own name');
});

t.test('case 30: bytes that are not TLS reach the tunnel’s own host, and nothing else', async (t) => {
  await getsThrough(t, bar, [connect('ok.test:443'), connect('ok.test:22', 'SSH-2.0-inside\r\n')], PUBLIC);
  const inner = 'GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n';
  await bar.attack([connect('ok.test:80', inner), connect('evil.test:80', inner)]);
  t.ok(bar.internet.take().every(({ address }) => address !== HOSTILE));
});

t.test('case 31: a WebSocket upgrade to a denied host is refused', async (t) => {
  const upgrade =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  const to = (url: string, host: string): Attempt => raw(`GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n`);
  const attempts = [
    to('http://evil.test/ws', 'evil.test'),
    to('ws://evil.test/ws', 'evil.test'),
    to('/ws', 'evil.test'),
    to('http://ok.test/ws', 'evil.test'),
  ];
  await nothingGetsThrough(
    t,
    bar,
    attempts.map((attempt) => ({ ...attempt, until: '\\r\\n\\r\\n' })),
    'an upgrade',
  );
  await bar.attack([
    raw(
      `GET http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    ),
  ]);
  t.notMatch(bar.internet.take()[0]?.bytes(), /h2c|http2-settings/i, 'an upgrade to HTTP/2 is not passed on');
});

t.test('case 32: x-unix-socket is refused before all other checks', async (t) => {
  const sockets = ['/var/run/docker.sock', '/proc/1/root/run/x.sock', '../x', 'relative', ''];
  const attempts = sockets.flatMap((socket) =>
    ['http://ok.test/', 'http://evil.test/'].map((url) => get(url, new URL(url).host, `X-Unix-Socket: ${socket}\r\n`)),
  );
  const outcomes = await nothingGetsThrough(t, bar, attempts, 'a unix socket');
  t.ok(outcomes.every((outcome) => /^(403|501)$/.test(statuses(outcome)[0] ?? '')));
});

t.test('case 33: in limited mode only GET, HEAD and OPTIONS pass, also inside a tunnel', async (t) => {
  bar.configure({ domains: { '**.ok.test': 'allow' }, network: 'mode = "limited"' });
  const method = (name: string, more = ''): Attempt =>
    raw(`${name} http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n${more}\r\n`);
  const refused = ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'get', 'GETX', 'BREW', 'QUERY'].map((name) =>
    method(name),
  );
  refused.push({
    via: 'http',
    send: ['CONNECT ok.test:22 HTTP/1.1\r\nHost: ok.test:22\r\n\r\n', 200, 'SSH-2.0-x\r\n', 300],
    endAfter: true,
    limitMs: 7000,
  });
  const outcomes = await bar.attack([
    ...refused,
    {
      via: 'http',
      send: ['CONNECT ok.test:443 HTTP/1.1\r\nHost: ok.test:443\r\n\r\n'],
      tls: {
        serverName: 'ok.test',
        send: 'POST / HTTP/1.1\r\nHost: ok.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      },
    },
  ]);
  for (const [index, outcome] of outcomes.slice(0, 9).entries())
    t.equal(statuses(outcome)[0], '403', JSON.stringify(refused[index]?.send[0]));
  const sent = bar.internet.take().filter(({ bytes }) => bytes() !== '');
  t.strictSame(
    sent.map(({ bytes }) => bytes()),
    [],
    'nothing of it goes out',
  );
  for (const name of ['GET', 'OPTIONS']) await getsThrough(t, bar, [method(name)], PUBLIC);
  bar.configure({ domains: { '**.ok.test': 'allow' } });
});

t.test('case 34: TRACE and CONNECT to the proxy’s own address make no loop', async (t) => {
  bar.configure({ domains: { '*': 'allow', '127.0.0.1': 'allow' }, network: 'allow_local_binding = true' });
  const script = `p=\${HTTP_PROXY##*:}
    for i in 1 2 3; do
      exec 3<>/dev/tcp/127.0.0.1/$p
      printf 'CONNECT 127.0.0.1:%s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' $p >&3; head -c 12 <&3; echo; exec 3>&-
    done
    exec 3<>/dev/tcp/127.0.0.1/$p
    printf 'TRACE http://127.0.0.1:%s/ HTTP/1.1\\r\\nHost: 127.0.0.1:%s\\r\\nMax-Forwards: 10\\r\\nConnection: close\\r\\n\\r\\n' $p $p >&3; head -c 12 <&3`;
  const { stdout } = await bar.run(['bash', '-c', script]);
  t.match(stdout, /^(HTTP\/1\.1 (502|403)\n?){4}$/, 'its port is the lane’s own, and not the host’s');
  bar.configure({ domains: { '**.ok.test': 'allow' } });
});

t.test('case 26: a slow head runs out of time, counted from its first byte', async (t) => {
  const outcomes = await slowHeads;
  t.strictSame(outcomes.map(statuses), [['408'], ['408']]);
  t.ok(outcomes.every(({ ms }) => ms < 20_000));
  t.notOk(bar.internet.take().some(({ bytes }) => bytes().includes('slow')));
});

/** A TLS 1.2 ClientHello with one cipher suite and a server name. */
function clientHello(name: Buffer): Buffer {
  const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);
  const sized = (body: Buffer): Buffer => Buffer.concat([u16(body.length), body]);
  const sni = sized(Buffer.concat([Buffer.from([0]), sized(name)]));
  const extensions = sized(Buffer.concat([u16(0), sized(sni)]));
  const body = Buffer.concat([
    u16(0x0303),
    crypto.randomBytes(32),
    Buffer.from([0]),
    sized(u16(0x1301)),
    Buffer.from([1, 0]),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
  return Buffer.concat([Buffer.from([22, 3, 1]), sized(message)]);
}
