import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import t, { type Test } from 'tap';
import { policyOf } from '../../support/policy.js';
import { portsOf, register, startService } from '../../support/service.js';
import { converse, open, startTcp, startUpstream, type Upstream } from '../../support/wire.js';
import { settled, until } from '../../../fixtures/until.js';

/** A request that ends the connection after its answer. */
const get = (url: string, host: string, more = ''): string =>
  `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`;
const status = (answer: string): string => answer.split('\r\n')[0] ?? '';
const bodyOf = (answer: string): string => answer.split('\r\n\r\n').slice(1).join('\r\n\r\n');

async function setUp(t: Test, upstreamHandler?: Parameters<typeof startUpstream>[0]) {
  const { service, decisions, warnings } = startService(t);
  const upstream = await startUpstream(upstreamHandler);
  const registration = await register(service);
  t.teardown(async () => {
    registration.finish({ treeGone: true });
    upstream.close();
    await service.close();
    if (warnings.length > 0) throw new Error(`a fault of the proxy itself: ${warnings.join()}`);
  });
  return { service, decisions, upstream, registration, ...portsOf(registration), host: `ok.test:${upstream.port}` };
}

t.test('the forwarded request, and its answer', async (t) => {
  const { http: port, upstream, host } = await setUp(t);
  const rows: [sent: string, answered: string, why: string][] = [
    [get(`http://${host}/a?x=1`, host), 'up GET /a?x=1', 'absolute form'],
    [get('/b', host), 'up GET /b', 'origin form, by its Host'],
    [get(`http://${host}`, host), 'up GET /', 'no path'],
    [get(`http://${host}?q`, host), 'up GET /?q', 'no path, a query'],
    [get(`http://${host}/c#frag`, host), 'up GET /c', 'a fragment is the client’s own'],
    [get(`http://user:pw@${host}/d`, host), 'up GET /d', 'user information is dropped'],
    [get(`http://OK.test:${upstream.port}/e`, host.toUpperCase()), 'up GET /e', 'case 6'],
    [`GET http://${host}/f HTTP/1.1\r\nConnection: close\r\n\r\n`, 'up GET /f', 'no Host with an absolute target'],
    [`OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, 'up OPTIONS *', 'asterisk form'],
    [`PURGE http://${host}/g HTTP/1.1\r\nConnection: close\r\n\r\n`, 'up PURGE /g', 'any method'],
  ];
  for (const [sent, answered, why] of rows) t.equal(bodyOf(await converse(port, sent)), answered, why);
  t.ok(
    upstream.seen.every(({ headers }) => headers.includes(host)),
    'the Host header is the judged target',
  );
  t.ok(
    upstream.seen.every(({ headers }) => headers.length === 2),
    'nothing is added',
  );
});

t.test('a method that no HTTP library knows passes unchanged', async (t) => {
  const raw = await startTcp((socket) =>
    socket.once('data', (request) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${request.toString().split(' ')[0]}`)),
  );
  t.teardown(() => raw.close());
  const { http: port } = await setUp(t);
  for (const method of ['BREW', 'get', "!#$%&'*+-.^_`|~"]) {
    const answer = await converse(port, `${method} http://ok.test:${raw.port}/ HTTP/1.0\r\n\r\n`);
    t.equal(bodyOf(answer), method);
  }
});

t.test('an HTTP/1.0 client is answered in its own version', async (t) => {
  const { http: port, host } = await setUp(t, (_request, response) => {
    response.write('a');
    response.end('b');
  });
  const answer = await converse(port, `GET http://${host}/ HTTP/1.0\r\n\r\n`);
  t.equal(status(answer), 'HTTP/1.0 200 OK');
  t.equal(bodyOf(answer), 'ab', 'no chunks: the end of the connection is the end of the body');
  t.match(await converse(port, 'GET http://no.test/ HTTP/1.0\r\n\r\n'), /^HTTP\/1.0 403 Forbidden\r\n/);
});

t.test('400 and 501, with the texts of the protocol', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const rows: [sent: string, text: string, why: string][] = [
    [get(`http://${host}/`, 'evil.test'), 'Host header does not match request target', 'case 25'],
    [get(`http://${host}/`, 'ok.test'), 'Host header does not match request target', 'case 25: the port counts'],
    [
      get(`http://${host}/`, `ok.test.:${upstream.port}`),
      'Host header does not match request target',
      'case 25: a dot',
    ],
    [get('ftp://ok.test/', 'ok.test'), 'Host header does not match request target', 'another scheme'],
    [get(`http://${host}/`, host, `Host: ${host}\r\n`), 'multiple Host headers', 'case 25: two'],
    [get(`http://${host}/`, ''), 'invalid Host header', 'empty'],
    [get('http://ok.test:99999/', 'ok.test:99999'), 'invalid Host header', 'case 14'],
    [get('http://ok.test:80abc/', 'ok.test:80abc'), 'invalid Host header', 'case 14'],
    [get('http://ok.test:0/', 'ok.test:0'), 'invalid Host header', 'case 14'],
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 'missing host', 'none at all'],
    [get('http://[fe80::1%25lo]/', '[fe80::1%25lo]'), 'missing host', 'case 3'],
    [get('http://a..b/', 'a..b'), 'missing host', 'case 4'],
    [get('/', 'a..b'), 'missing host', 'case 4'],
    [get(`http://${'a'.repeat(70)}.test/`, `${'a'.repeat(70)}.test`), 'missing host', 'case 4'],
    [
      get('http://evil.test/', 'evil.test', 'x-unix-socket: /s\r\n'),
      'unix sockets unsupported',
      'case 32: before any host',
    ],
  ];
  for (const [sent, text, why] of rows) {
    const answer = await converse(port, sent);
    t.match(answer, /^HTTP\/1.1 (400 Bad Request|501 Not Implemented)\r\n/, why);
    t.equal(bodyOf(answer), text, why);
  }
  t.strictSame(upstream.seen, []);
});

t.test('case 26: a request with two possible readings is refused and ends the connection', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const head = `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n`;
  const rows: [sent: string, why: string][] = [
    ['garbage\r\n\r\n', 'no request line'],
    ['GET\r\n\r\n', 'no target'],
    [`GET  http://${host}/ HTTP/1.1\r\n\r\n`, 'two spaces'],
    [`GET http://${host}/\r\n\r\n`, 'no version'],
    [`GET http://${host}/ HTTP/2.0\r\nHost: ${host}\r\n\r\n`, 'another major version'],
    [`GET http://${host}/ HTTP/1.2\r\nHost: ${host}\r\n\r\n`, 'an unknown minor version'],
    ['GET http:///a HTTP/1.1\r\nHost: \r\n\r\n', 'an empty authority'],
    ['GET ok.test HTTP/1.1\r\nHost: ok.test\r\n\r\n', 'authority form without CONNECT'],
    [`GET http://${host}/ HTTP/1.1\nHost: ${host}\n\n`, 'bare line feeds'],
    [`${head}X-A: 1\r\n folded\r\n\r\n`, 'a folded line'],
    [`${head}X A: 1\r\n\r\n`, 'a space in a name'],
    [`${head}X-A : 1\r\n\r\n`, 'a space before the colon'],
    [`${head}: 1\r\n\r\n`, 'no name'],
    [`${head}X-A\r\n\r\n`, 'no colon'],
    [`${head}X-A: a\0b\r\n\r\n`, 'NUL in a value'],
    [`${head}X-A: a\rb\r\n\r\n`, 'a bare carriage return'],
    [`${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'both framings'],
    [`${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 'two lengths'],
    [`${head}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`, 'two lengths that agree'],
    [`${head}Content-Length: 3, 3\r\n\r\nabc`, 'a list of lengths'],
    [`${head}Content-Length: +3\r\n\r\nabc`, 'a sign'],
    [`${head}Content-Length: 0x3\r\n\r\nabc`, 'hexadecimal'],
    [`${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 'an unknown coding'],
    [`${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'a coding below chunked'],
    [`${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'chunked twice'],
    [`POST http://${host}/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'chunked in HTTP/1.0'],
    ['CONNECT ok.test:443 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', 'a body before a tunnel'],
  ];
  for (const [sent, why] of rows) {
    t.equal(
      await converse(port, sent),
      'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
      why,
    );
  }
  t.match(
    await converse(port, `${head}X: ${'a'.repeat(17_000)}\r\n\r\n`),
    /^HTTP\/1.1 431 .*\r\nconnection: close\r\n/,
  );
  t.match(await converse(port, `${head}${'A: b\r\n'.repeat(101)}\r\n`), /^HTTP\/1.1 431 /, 'too many fields');
  t.strictSame(upstream.seen, [], 'nothing of it reached an upstream');
});

t.test('invalid chunks end the request and the connection, and no upstream sees a complete one', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const head = `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  for (const body of [
    'zz\r\nabc\r\n0\r\n\r\n',
    '3\r\nabcd\r\n0\r\n\r\n',
    '-1\r\n\r\n',
    ' 3\r\nabc\r\n',
    '3\nabc\r\n0\r\n\r\n',
    `${'1'.repeat(13)}\r\n`,
  ]) {
    t.match(await converse(port, head + body), /^HTTP\/1.1 502 .*\r\nconnection: close\r\n/s, JSON.stringify(body));
  }
  t.strictSame(upstream.seen, []);
  const good = '3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer-Field: x\r\n\r\n';
  t.match(await converse(port, head.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + good), /up POST/);
  t.equal(upstream.seen[0]?.body, 'abcde', 'extensions and trailers are dropped');
});

t.test('refusals: 403 with the body and the headers of the protocol, and the connection stays', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const conversation = await open(port);
  conversation.send(`POST http://API.test.:81/ HTTP/1.1\r\nHost: api.test.:81\r\nContent-Length: 3\r\n\r\nabc`);
  const first = await conversation.until(/\}$/);
  t.equal(
    first,
    'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nx-proxy-error: blocked-by-allowlist\r\ncontent-length: 171\r\n\r\n' +
      '{"status":"blocked","host":"api.test","reason":"not_allowed","decision":"deny","source":"baseline_policy","protocol":"http","port":81,"message":"Domain not in allowlist."}',
  );
  conversation.send(`GET https://evil.test/ HTTP/1.1\r\n\r\n`);
  const second = (await conversation.until(/policy\."\}$/)).slice(first.length);
  t.match(second, 'x-proxy-error: blocked-by-denylist');
  t.match(JSON.parse(bodyOf(second)), { host: 'evil.test', reason: 'denied', port: 443, protocol: 'http' });
  conversation.send(get(`http://${host}/after`, host));
  t.match(await conversation.until(/up GET \/after/), /up GET/, 'the same connection carries what is allowed');
  t.equal(upstream.seen.length, 1);
  const answer = await converse(port, 'HEAD http://api.test/ HTTP/1.1\r\nConnection: close\r\n\r\n');
  t.match(answer, /content-length: \d+\r\n\r\n$/, 'HEAD: the head alone');
});

t.test('case 27: pipelined requests are judged one by one', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const plain = (path: string): string => `GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const answer = await converse(
    port,
    `${plain('/1')}GET http://evil.test/2 HTTP/1.1\r\nHost: evil.test\r\n\r\n${get(`http://${host}/3`, host)}`,
  );
  t.strictSame(
    [...answer.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, code]) => code),
    ['200', '403', '200'],
  );
  t.strictSame(
    upstream.seen.map(({ url }) => url),
    ['/1', '/3'],
  );
});

t.test('case 27: a body that looks like a request is a body', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const inner = 'GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n';
  const head = `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close, content-length\r\n`;
  const answer = await converse(port, `${head}Content-Length: ${inner.length}\r\n\r\n${inner}`);
  t.equal([...answer.matchAll(/HTTP\/1.1 /g)].length, 1);
  t.equal(upstream.seen[0]?.body, inner, 'also when Connection names the field that frames it');
});

t.test('case 28: the client follows a redirect itself, and is judged then', async (t) => {
  const {
    http: port,
    host,
    upstream,
  } = await setUp(t, (_request, response) => {
    response.writeHead(302, { location: 'http://evil.test/' });
    response.end();
  });
  t.match(await converse(port, get(`http://${host}/`, host)), /302 Found\r\nlocation: http:\/\/evil.test\//);
  t.match(await converse(port, get('http://evil.test/', 'evil.test')), /403 Forbidden/);
  t.equal(upstream.seen.length, 1);
});

t.test('case 29: headers that end at the proxy, in both directions', async (t) => {
  const {
    http: port,
    host,
    upstream,
  } = await setUp(t, (_request, response) => {
    response.writeHead(200, [
      ['X-Proxy-Error', 'blocked-by-allowlist'],
      ['Connection', 'keep-alive, x-secret'],
      ['X-Secret', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authenticate', 'Basic'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['Content-Length', '2'],
    ] as never);
    response.end('ok');
  });
  const sent = [
    'Connection: close, X-Policy, x-other',
    'X-Policy: 1',
    'X-Other: 1',
    'Proxy-Authorization: Basic eA==',
    'Proxy-Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Upgrade: websocket',
    'Authorization: Bearer z',
    'X-Forwarded-For: 1.2.3.4',
    'Accept: a',
    'Accept: b',
  ].join('\r\n');
  const answer = await converse(port, `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${sent}\r\n\r\n`);
  t.equal(
    answer,
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\nconnection: close\r\n\r\nok',
    'an upstream cannot say that the proxy refused',
  );
  t.strictSame(upstream.seen[0]?.headers, [
    ...['Host', host, 'Authorization', 'Bearer z', 'X-Forwarded-For', '1.2.3.4'],
    ...['Accept', 'a', 'Accept', 'b'],
  ]);
});

t.test('case 31: a plain upgrade ends at the proxy; an upstream that switches anyway is a failure', async (t) => {
  const raw = await startTcp((socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    ),
  );
  t.teardown(() => raw.close());
  const { http: port, host, upstream } = await setUp(t);
  t.match(await converse(port, get(`http://${host}/ws`, host, 'Upgrade: websocket\r\n')), /^HTTP\/1.1 200 OK/);
  t.notOk(upstream.seen[0]?.headers.some((text) => /upgrade/i.test(text)));
  t.match(await converse(port, get(`http://ok.test:${raw.port}/`, `ok.test:${raw.port}`)), /502 .*upstream failure$/s);
  t.match(await converse(port, get('http://evil.test/ws', 'evil.test', 'Upgrade: websocket\r\n')), /403 Forbidden/);
});

t.test('502 if the upstream cannot be reached, does not resolve, or answers with invalid bytes', async (t) => {
  const nonsense = await startTcp((socket) => socket.once('data', () => socket.end('not HTTP\r\n\r\n')));
  const silent = await startTcp((socket) => socket.once('data', () => socket.end()));
  t.teardown(() => {
    nonsense.close();
    silent.close();
  });
  const { http: port } = await setUp(t);
  for (const host of ['ok.test:1', 'unknown.ok.test', `ok.test:${nonsense.port}`, `ok.test:${silent.port}`]) {
    const answer = await converse(port, get(`http://${host}/`, host));
    t.match(answer, /^HTTP\/1.1 502 Bad Gateway\r\ncontent-type: text\/plain\r\n/, host);
    t.equal(bodyOf(answer), 'upstream failure', host);
  }
});

t.test('an incomplete answer never looks complete', async (t) => {
  const chunked = await startTcp((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')),
  );
  const sized = await startTcp((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')),
  );
  t.teardown(() => {
    chunked.close();
    sized.close();
  });
  const { http: port } = await setUp(t);
  for (const target of [chunked.port, sized.port]) {
    const request = http.get({ port, path: `http://ok.test:${target}/`, headers: { host: `ok.test:${target}` } });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.on('error', () => {});
    response.resume();
    await new Promise((resolve) => response.once('close', resolve));
    t.notOk(response.complete);
  }
});

t.test('events arrive when they are sent, not when the answer ends', async (t) => {
  let stream: http.ServerResponse | undefined;
  const { http: port, host } = await setUp(t, (_request, response) => {
    stream = response;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
  });
  const conversation = await open(port);
  conversation.send(get(`http://${host}/`, host));
  await conversation.until(/data: 1\n\n/);
  stream?.write('data: 2\n\n');
  await conversation.until(/data: 2\n\n/);
  stream?.end();
  t.match(await conversation.until(/0\r\n\r\n$/), /transfer-encoding: chunked/);
});

t.test('the upstream answers Expect: 100-continue; a refusal is answered instead', async (t) => {
  const { http: port, host, upstream } = await setUp(t);
  const conversation = await open(port);
  const head = (url: string): string => `POST ${url} HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`;
  conversation.send(head(`http://${host}/`));
  await conversation.until(/^HTTP\/1.1 100 Continue\r\n\r\n$/);
  conversation.send('abc');
  await conversation.until(/up POST \/$/);
  t.equal(upstream.seen[0]?.body, 'abc');
  const answer = await converse(port, head('http://evil.test/'));
  t.match(answer, /^HTTP\/1.1 403 Forbidden\r\n.*connection: close\r\n/s, 'whether the body still comes is unknown');
});

/** 64 MiB that repeat at no power of two. */
const BIG = Buffer.alloc(64 << 20, 'codexd-31-bytes-of-pattern-----');
const digest = (data: Buffer): string => createHash('sha1').update(data).digest('hex');

t.test('case 35: 64 MiB are sent and received through plain HTTP byte-exact', async (t) => {
  const expected = digest(BIG);
  const server = http.createServer((request, response) => {
    const hash = createHash('sha1');
    request.on('data', (piece: Buffer) => hash.update(piece));
    request.on('end', () => {
      response.setHeader('x-digest', hash.digest('hex'));
      response.end(BIG);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  const { http: port } = await setUp(t);
  const host = `ok.test:${(server.address() as net.AddressInfo).port}`;
  for (const framing of [{ 'content-length': BIG.length }, { 'transfer-encoding': 'chunked' }]) {
    const request = http.request({
      port,
      method: 'PUT',
      path: `http://${host}/`,
      headers: { host, ...framing },
      agent: false,
    });
    request.end(BIG);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const hash = createHash('sha1');
    for await (const piece of response) hash.update(piece as Buffer);
    t.equal(response.headers['x-digest'], expected, `up, ${Object.keys(framing).join()}`);
    t.equal(hash.digest('hex'), expected, 'down');
  }
});

t.test('a client that does not read pauses the upstream instead of filling memory', async (t) => {
  let written = 0;
  const { http: port, host } = await setUp(t, (_request, response) => {
    const piece = Buffer.alloc(1 << 20);
    const more = (): void => {
      while (written++ < 256 && response.write(piece));
    };
    response.on('drain', more);
    more();
  });
  const conversation = await open(port);
  conversation.socket.pause();
  conversation.send(get(`http://${host}/`, host));
  await until(() => written > 0, 'the answer begins');
  await settled(() => written, 'what is sent ahead of the reader', 200);
  t.ok(written < 64, `stopped after ${written} MiB of 256`);
  conversation.socket.destroy();
});

t.test('case 35: a client that disconnects releases its upstream at once', async (t) => {
  const arrived = new Promise<http.IncomingMessage>((resolve) => {
    void setUp(t, (request) => resolve(request)).then(async ({ http: port, host }) => {
      const conversation = await open(port);
      conversation.send(get(`http://${host}/slow`, host));
      const request = await arrived;
      const closed = once(request.socket, 'close');
      conversation.socket.destroy();
      await closed;
      done();
    });
  });
  let done = (): void => {};
  await new Promise<void>((resolve) => (done = resolve));
  t.pass('the upstream connection was closed');
});

t.test('a kept connection that was closed is replaced, for requests that may be sent twice', async (t) => {
  let connections = 0;
  const raw = await startTcp((socket) => {
    const number = ++connections;
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${number}`);
      socket.once('data', () => socket.resetAndDestroy()); // as if it had timed out while the request was on its way
    });
  });
  t.teardown(() => raw.close());
  const { http: port } = await setUp(t);
  const conversation = await open(port);
  const host = `ok.test:${raw.port}`;
  conversation.send(`GET http://${host}/ HTTP/1.1\r\n\r\n`);
  await conversation.until(/\r\n\r\n1$/);
  conversation.send(`GET http://${host}/ HTTP/1.1\r\n\r\n`);
  await conversation.until(/\r\n\r\n2$/);
  conversation.send(`POST http://${host}/ HTTP/1.1\r\n\r\n`);
  await conversation.until(/\r\n\r\n3$/);
  t.equal(connections, 3, 'POST did not try the kept one');
});

t.test('kept upstream connections belong to one command', async (t) => {
  const { service, http: port, host, upstream } = await setUp(t);
  const other = await register(service);
  t.teardown(() => void other.finish({ treeGone: true }));
  for (const from of [port, port, portsOf(other).http]) await converse(from, get(`http://${host}/`, host));
  t.equal(upstream.connections.length, 2);
});

t.test('case 22: each request of a connection is resolved and judged again', async (t) => {
  const answers = [['127.0.0.1'], ['10.255.255.1']];
  const { service } = startService(t, { resolver: { reuseMs: 0, lookup: async () => answers.shift() ?? [] } });
  const upstream: Upstream = await startUpstream();
  const registration = await register(service, {
    policy: policyOf({ 'ok.test': 'allow', '10.255.255.1': 'deny' }, { allowLocalBinding: true }),
  });
  t.teardown(() => {
    registration.finish({ treeGone: true });
    upstream.close();
  });
  const conversation = await open(portsOf(registration).http);
  conversation.send(`GET http://ok.test:${upstream.port}/ HTTP/1.1\r\n\r\n`);
  await conversation.until(/up GET \/$/);
  conversation.send(`GET http://ok.test:${upstream.port}/ HTTP/1.1\r\n\r\n`);
  t.match(await conversation.until(/403 Forbidden/), /403/);
});

t.test('the number of connections of one command is limited', async (t) => {
  const { http: port } = await setUp(t);
  const many = await Promise.all(Array.from({ length: 256 }, () => open(port)));
  t.match(await converse(port, ''), /^HTTP\/1.1 503 Service Unavailable\r\n/);
  many[0]?.socket.destroy();
  for (let answer = '503'; / 503 /.test(answer) || answer === '503';) {
    answer = await converse(port, get('http://evil.test/', 'evil.test')).catch(() => '503');
  }
  t.pass('room again when one has gone');
  for (const { socket } of many) socket.destroy();
});
