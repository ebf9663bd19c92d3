import { once } from 'node:events';
import http2 from 'node:http2';
import type net from 'node:net';
import t from 'tap';
import { startLimited } from '../support/limited.js';
import { policyOf } from '../support/policy.js';
import { open } from '../support/wire.js';
import { until } from '../../fixtures/until.js';

t.setTimeout(120_000);

/** Sends and reads until the other side ends. */
async function converse(socket: net.Socket, text: string): Promise<string> {
  let received = '';
  socket.setEncoding('latin1').on('data', (piece: string) => (received += piece));
  const end = new Promise((resolve) => socket.once('close', resolve));
  socket.once('end', () => socket.end());
  socket.write(text, 'latin1');
  await end;
  return received;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: string;
  readonly code: number;
}

/** One request on an HTTP/2 session; the code is that of the stream's end. */
function ask(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let answered: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    let received = '';
    stream.on('response', (head) => (answered = head));
    stream.setEncoding('utf8').on('data', (piece: string) => (received += piece));
    stream.on('error', () => {});
    stream.on('close', () =>
      resolve({ status: answered[':status'], headers: answered, body: received, code: stream.rstCode }),
    );
    session.once('error', reject);
    if (body !== undefined) stream.end(body);
  });
}

const overHttp2 = async (limited: Awaited<ReturnType<typeof startLimited>>): Promise<http2.ClientHttp2Session> => {
  const { socket } = await limited.inside(limited.host, { ALPNProtocols: ['h2'] });
  const session = http2.connect(`https://${limited.host}`, { createConnection: () => socket });
  session.on('error', () => {});
  return session;
};

t.test('case 25: every name in a request inside must be the tunnel’s target', async (t) => {
  const { inside, host, upstream, decisions } = await startLimited(t);
  const rows: [target: string, hosts: string[], status: number, why: string][] = [
    ['/', [host], 200, 'the same'],
    ['/', [host.toUpperCase()], 200, 'the same in other letters'],
    [`https://${host}/`, [host], 200, 'absolute form'],
    ['/', ['evil.test'], 421, 'another host'],
    ['/', ['ok.test'], 421, 'another port'],
    ['/', ['www.ok.test'], 421, 'another host that is allowed: it wants a tunnel of its own'],
    ['https://evil.test/', [host], 421, 'in the target'],
    [`http://${host}/`, [host], 421, 'without TLS'],
    ['/', [host, 'evil.test'], 400, 'two'],
    ['/', [], 400, 'none'],
    ['/', [`evil.test@${host}`], 421, 'user information'],
    ['/', [`${host}, evil.test`], 421, 'a list'],
    ['x', [host], 400, 'no path'],
  ];
  for (const [target, hosts, status, why] of rows) {
    const before = upstream.seen.length;
    const { socket } = await inside(host);
    const lines = hosts.map((name) => `Host: ${name}\r\n`).join('');
    const answer = await converse(socket, `GET ${target} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    t.match(answer, new RegExp(`^HTTP/1.1 ${status} `), why);
    t.equal(upstream.seen.length - before, status === 200 ? 1 : 0, why);
  }
  t.ok(upstream.seen.every(({ headers }) => headers.host === host));
  t.notOk(decisions.list().some(({ host: name }) => name === 'evil.test'));
});

t.test('case 25: HTTP/2’s authority and Host must both be the tunnel’s target', async (t) => {
  const limited = await startLimited(t);
  const { host, upstream } = limited;
  const session = await overHttp2(limited);
  t.teardown(() => session.destroy());
  /** Undefined: the stream is reset before anybody reads it (RFC 9113 §8.1.1). */
  const rows: [headers: http2.OutgoingHttpHeaders, status: number | undefined, why: string][] = [
    [{ ':path': '/a' }, 200, 'the same'],
    [{ ':path': '/', ':authority': 'evil.test' }, 421, 'another'],
    [{ ':path': '/', ':authority': host, host: 'evil.test' }, 400, 'two that differ'],
    [{ ':path': '/', ':authority': host, host }, 200, 'two that agree'],
    [{ ':path': 'https://evil.test/' }, undefined, 'a URL as the path'],
    [{ ':path': '/ HTTP/1.1\r\nHost: evil.test' }, undefined, 'a line end in the path'],
    [{ ':path': '/x y' }, undefined, 'a space in the path'],
    [{ ':path': '/', ':method': 'POST' }, 403, 'a method'],
    [{ ':path': '/', ':scheme': 'http' }, 400, 'without TLS'],
    [{ ':path': '/', 'x-unix-socket': '/s' }, 501, 'case 32'],
  ];
  for (const [headers, status, why] of rows) {
    let answer: Answer;
    try {
      answer = await ask(session, { ':method': 'GET', ':scheme': 'https', ':authority': host, ...headers });
    } catch (error) {
      t.fail(`${why}: ${String(error)}`);
      continue;
    }
    t.equal(answer.status, status, why);
    t.equal(answer.code === 0, status !== undefined, `${why}: how the stream ends`);
  }
  t.equal((await ask(session, { ':method': 'CONNECT', ':authority': 'evil.test:443' })).status, 403, 'a second tunnel');
  t.strictSame(
    upstream.seen.map(({ method, url }) => `${method} ${url}`),
    ['GET /a', 'GET /'],
  );
});

t.test('HEAD over HTTP/2 ends cleanly, with the length and without a body', async (t) => {
  const limited = await startLimited(t, {
    handler: (_request, response) => response.writeHead(200, { 'content-length': '5000', etag: 'x' }).end(),
  });
  const session = await overHttp2(limited);
  t.teardown(() => session.destroy());
  const answer = await ask(session, { ':method': 'HEAD', ':path': '/' });
  t.match(answer, { status: 200, body: '', code: 0, headers: { 'content-length': '5000', etag: 'x' } });
  const refused = await ask(session, { ':method': 'HEAD', ':path': '/', ':authority': 'evil.test' });
  t.match(refused, { status: 421, body: '', code: 0 });
});

t.test('streams are judged one by one and answered at once; fields survive the conversion', async (t) => {
  const limited = await startLimited(t, {
    handler: (request, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('x-proxy-error', 'forged');
      response.setHeader('connection', 'x-hop');
      response.setHeader('x-hop', 'y');
      response.end(`${request.url} ${request.headers.cookie} ${String(request.headers['x-hop'] ?? '-')}`);
    },
  });
  const session = await overHttp2(limited);
  t.teardown(() => session.destroy());
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      ask(session, { ':method': i % 3 === 0 ? 'DELETE' : 'GET', ':path': `/${i}`, cookie: ['c=1', 'd=2'] }),
    ),
  );
  for (const [i, answer] of answers.entries()) {
    if (i % 3 === 0) t.match(answer, { status: 403, body: 'Method not allowed in limited mode.', code: 0 });
    else {
      t.match(answer, { status: 200, body: `/${i} c=1; d=2 -`, headers: { 'set-cookie': ['a=1', 'b=2'] }, code: 0 });
      t.notHas(answer.headers, 'x-proxy-error', 'case 29');
      t.notHas(answer.headers, 'x-hop', 'case 29');
    }
  }
});

t.test('case 27: each pipelined request is judged separately', async (t) => {
  const { inside, host, upstream } = await startLimited(t);
  const { socket } = await inside(host);
  const request = (method: string, path: string, more = ''): string =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
  const answer = await converse(
    socket,
    request('GET', '/1') +
      request('POST', '/2', 'Content-Length: 4\r\n') +
      'GET ' +
      request('GET', '/3') +
      request('GET', '/4', 'Connection: close\r\n'),
  );
  t.strictSame(answer.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 403', 'HTTP/1.1 200', 'HTTP/1.1 200']);
  t.strictSame(
    upstream.seen.map(({ url }) => url),
    ['/1', '/3', '/4'],
  );
});

t.test('case 26: a request with two possible readings also ends the connection inside', async (t) => {
  const { inside, host, upstream } = await startLimited(t);
  const head = `GET / HTTP/1.1\r\nHost: ${host}\r\n`;
  const rows: [sent: string, status: number][] = [
    [`${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
    [`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    [`${head}Transfer-Encoding: xchunked\r\n\r\n`, 400],
    [`${head} folded\r\n\r\n`, 400],
    [`GET / HTTP/1.1\nHost: ${host}\n\n`, 400],
    [`${head}${'X: y\r\n'.repeat(200)}\r\n`, 431],
    [`${head}X: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ];
  for (const [sent, status] of rows) {
    const { socket } = await inside(host);
    t.match(await converse(socket, sent), new RegExp(`^HTTP/1.1 ${status} `), sent.slice(0, 80));
  }
  t.strictSame(upstream.seen, []);
});

t.test('case 30: the server name must be the tunnel’s target, otherwise the tunnel ends', async (t) => {
  const { inside, host, upstream, decisions } = await startLimited(t);
  await t.rejects(inside(host, { servername: 'evil.test' }), { code: /UNRECOGNIZED_NAME/ }, 'denied');
  await t.rejects(inside(host, { servername: 'www.ok.test' }), { code: /UNRECOGNIZED_NAME/ }, 'allowed, elsewhere');
  const { socket } = await inside(host, { servername: '', checkServerIdentity: () => undefined });
  t.equal(socket.getPeerX509Certificate()?.subjectAltName, 'DNS:ok.test', 'without a name it is the tunnel’s');
  socket.destroy();
  t.match(
    decisions.list().filter(({ host: name }) => name !== 'ok.test'),
    [
      { host: 'evil.test', verdict: 'deny', rule: 'evil.test' },
      { host: 'www.ok.test', verdict: 'allow' },
    ],
  );
  t.strictSame(upstream.seen, []);
});

t.test('case 30: bytes that are not TLS end a tunnel of limited mode, and none of them is sent', async (t) => {
  const { http, host, upstream } = await startLimited(t);
  for (const bytes of [
    `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    'SSH-2.0-x\r\n',
    '\0\x01',
    '\x16\x03\x01\0\x04\x02\0\0\0',
  ]) {
    const tunnel = await open(http);
    tunnel.send(`CONNECT ${host} HTTP/1.1\r\n\r\n`);
    await tunnel.until(/200 OK\r\n\r\n/);
    const closed = once(tunnel.socket, 'close').catch(() => 'reset');
    tunnel.send(bytes);
    await closed;
    t.equal(tunnel.received(), 'HTTP/1.1 200 OK\r\n\r\n', JSON.stringify(bytes));
  }
  t.equal(upstream.open.size, 0);
});

t.test('case 31: a WebSocket is not opened in limited mode, plain or inside', async (t) => {
  const { http, inside, host, upstream } = await startLimited(t);
  const upgrade = (target: string): string =>
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  const { socket } = await inside(host);
  t.match(await converse(socket, upgrade('/')), /^HTTP\/1.1 403 .*\r\n\r\nMethod not allowed in limited mode\.$/s);
  const plain = await open(http);
  plain.send(upgrade(`http://${host}/`));
  t.match(await plain.until(/\}$/), /"reason":"method_not_allowed".*"source":"mode_guard"/);
  t.strictSame(upstream.seen, []);
});

t.test('a denied method cancels the command like any other denial, and no answer is sent', async (t) => {
  const { inside, host, registration, upstream } = await startLimited(t, { changes: { onDenial: 'cancel' } });
  const { socket } = await inside(host);
  let received = '';
  socket.on('data', (piece: Buffer) => (received += piece.toString()));
  const aborted = new Promise((resolve) => registration.signal.addEventListener('abort', resolve));
  socket.write(`PUT / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await aborted;
  t.match(registration.finish({ treeGone: true }), {
    host: 'ok.test',
    port: upstream.port,
    protocol: 'https',
    reason: 'method_not_allowed',
    source: 'mode_guard',
  });
  t.equal(received, '');
});

t.test('case 35: bodies stream, and a client that disconnects releases the upstream at once', async (t) => {
  let closed = (): void => {};
  const freed = new Promise<void>((resolve) => (closed = resolve));
  const limited = await startLimited(t, {
    handler: (request, response) => {
      response.write('first');
      response.on('close', closed);
      if (request.url === '/whole') response.end('last');
    },
  });
  const session = await overHttp2(limited);
  const whole = await ask(session, { ':method': 'GET', ':path': '/whole' });
  t.match(whole, { body: 'firstlast', code: 0 });
  const stream = session.request({ ':method': 'GET', ':path': '/' });
  stream.on('error', () => {});
  const [first] = (await once(stream, 'data')) as [Buffer];
  t.equal(first.toString(), 'first', 'before the answer has ended');
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await freed;

  const { socket } = await limited.inside(limited.host);
  const again = new Promise<void>((resolve) => (closed = resolve));
  socket.write(`GET / HTTP/1.1\r\nHost: ${limited.host}\r\n\r\n`);
  await once(socket, 'data');
  socket.destroy();
  await again;
  session.destroy();
  t.pass('the upstream was closed both times');
});

t.test('case 35: 64 MiB are received byte-exact, at the speed of the client', async (t) => {
  const big = Buffer.alloc(64 << 20, 'codexd-31-bytes-of-pattern-----');
  const limited = await startLimited(t, { handler: (_request, response) => response.end(big) });
  const session = await overHttp2(limited);
  const stream = session.request({ ':method': 'GET', ':path': '/' });
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  t.ok(Buffer.concat(pieces).equals(big), 'HTTP/2');
  session.destroy();
  const { socket } = await limited.inside(limited.host);
  socket.write(`GET / HTTP/1.1\r\nHost: ${limited.host}\r\nConnection: close\r\n\r\n`);
  pieces.length = 0;
  for await (const piece of socket) pieces.push(piece as Buffer);
  const received = Buffer.concat(pieces);
  t.ok(received.subarray(received.indexOf('\r\n\r\n') + 4).equals(big), 'HTTP/1.1');
});

t.test('an incomplete answer of an upstream does not look complete', async (t) => {
  const limited = await startLimited(t, {
    handler: (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    },
  });
  const session = await overHttp2(limited);
  t.teardown(() => session.destroy());
  const answer = await ask(session, { ':method': 'GET', ':path': '/' });
  t.match(answer, { status: 200, body: 'half' });
  t.not(answer.code, 0);
});

t.test('the command’s end closes its tunnels and their connections', async (t) => {
  const { inside, host, upstream, registration } = await startLimited(t, { handler: () => {} });
  const { socket } = await inside(host, { ALPNProtocols: ['http/1.1'] });
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await until(() => upstream.seen.length > 0, 'the request arrives');
  const gone = Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.resume();
  registration.finish({ treeGone: true });
  await gone;
  await until(() => upstream.open.size === 0, 'the upstream’s side is closed');
  t.pass('both sides are closed');
});

t.test('case 44: a host causes one prompt per tunnel, not per request; methods are always judged', async (t) => {
  const asked: string[] = [];
  const limited = await startLimited(t, {
    options: {
      ask: async ({ request: { target, method } }) => {
        asked.push(`${method} ${target.host.text}`);
        return { allow: true };
      },
    },
    changes: {
      policy: policyOf({}, { allowLocalBinding: true, mode: 'limited', managed: true }),
    },
  });
  const session = await overHttp2(limited);
  t.teardown(() => session.destroy());
  t.equal((await ask(session, { ':method': 'GET', ':path': '/1' })).status, 200);
  t.equal((await ask(session, { ':method': 'GET', ':path': '/2' })).status, 200);
  t.equal((await ask(session, { ':method': 'POST', ':path': '/3' })).status, 403);
  t.strictSame(asked, ['CONNECT ok.test']);
  t.strictSame(
    limited.upstream.seen.map(({ url }) => url),
    ['/1', '/2'],
  );
});

t.test(
  'case 22: addresses are judged again for each request inside: a name that moves to the metadata service is refused',
  async (t) => {
    const limited = await startLimited(t, {
      changes: {
        policy: policyOf({ 'ok.test': 'allow', '127.0.0.1': 'allow' }, { allowLocalBinding: true, mode: 'limited' }),
      },
      options: {
        resolver: { lookup: async () => (looked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254']), reuseMs: 0 },
      },
    });
    const session = await overHttp2(limited);
    t.teardown(() => session.destroy());
    const answer = await ask(session, { ':method': 'GET', ':path': '/' });
    t.match(answer, { status: 403, headers: { 'x-proxy-error': 'blocked-by-allowlist' } });
    t.strictSame(limited.upstream.seen, []);
  },
);
let looked = 0;
