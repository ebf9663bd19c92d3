import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { policyOf } from '../../support/policy.js';
import { portsOf, register, startService } from '../../support/service.js';
import { open, startTcp } from '../../support/wire.js';

const UPGRADE =
  'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** An echo server, and a command that may reach it. */
async function setUp(t: Test, environment: Record<string, string> = {}) {
  const server = http.createServer((_request, response) => response.writeHead(426).end('upgrade wanted'));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { service, decisions, warnings } = startService(t, { environment });
  const registration = await register(service, {
    policy: policyOf(
      { 'ok.test': 'allow', 'evil.test': 'deny' },
      { allowLocalBinding: true, allowUpstreamProxy: 'HTTP_PROXY' in environment },
    ),
  });
  t.teardown(() => {
    registration.finish({ treeGone: true });
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
    if (warnings.length > 0) throw new Error(`a fault of the proxy itself: ${warnings.join()}`);
  });
  const { port } = server.address() as AddressInfo;
  return { port: portsOf(registration).http, host: `ok.test:${port}`, decisions, registration, sockets };
}

/** ws, over a plain request to the proxy in absolute or origin form. */
function connectThrough(proxy: number, host: string, absolute: boolean): WebSocket {
  return new WebSocket(`ws://${host}/chat?x`, {
    finishRequest: (request) => {
      if (absolute) (request as unknown as { path: string }).path = `http://${host}/chat?x`;
      request.end();
    },
    createConnection: () => net.connect(proxy, '127.0.0.1'),
  });
}

t.test(
  'a WebSocket is opened through a plain request, in both forms, and passes frames in both directions',
  async (t) => {
    const { port, host, decisions } = await setUp(t);
    for (const absolute of [true, false]) {
      const socket = connectThrough(port, host, absolute);
      await once(socket, 'open');
      const big = Buffer.alloc(1 << 20, 'x');
      for (const message of [Buffer.from('hello'), big]) {
        socket.send(message);
        const [echo] = (await once(socket, 'message')) as [Buffer];
        t.ok(echo.equals(message), `${message.length} octets come back`);
      }
      const closed = once(socket, 'close');
      socket.close(4000, 'done');
      t.equal((await closed)[0], 4000, 'the closing handshake too');
    }
    t.match(decisions.list(), [
      { protocol: 'http', method: 'CONNECT', verdict: 'allow', address: '127.0.0.1' },
      { protocol: 'http', method: 'CONNECT', verdict: 'allow' },
    ]);
  },
);

t.test('case 31: a request to a denied host gets 403, and the connection serves further requests', async (t) => {
  const { port, host, decisions } = await setUp(t);
  const conversation = await open(port);
  conversation.send(`GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n${UPGRADE}\r\n`);
  await conversation.until(/x-proxy-error: blocked-by-denylist\r\n.*"reason":"denied".*\}$/s);
  conversation.send(`GET / HTTP/1.1\r\nHost: api.test\r\n${UPGRADE}\r\n`);
  await conversation.until(/"reason":"not_allowed".*\}$/s);
  conversation.send(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await conversation.until(/upgrade wanted/);
  t.strictSame(
    decisions.list().map(({ host: name, verdict }) => `${name} ${verdict}`),
    ['evil.test deny', 'api.test deny', 'ok.test allow'],
  );
});

t.test('until the upstream has agreed it is a request like any other', async (t) => {
  const { port } = await setUp(t);
  const rows: [answer: string, expected: RegExp, why: string][] = [
    ['HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nsorr', /^HTTP\/1.1 403 No\r\n.*sorr/s, 'a refusal is passed on'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', /^HTTP\/1.1 200 OK\r\n.*hi/s, 'an answer'],
    [
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nx',
      /^HTTP\/1.1 502 .*upstream failure/s,
      'a switch to something else',
    ],
    ['HTTP/1.1 101 Switching\r\n\r\nx', /^HTTP\/1.1 502 .*upstream failure/s, 'a switch to nothing'],
    ['garbage\r\n\r\n', /^HTTP\/1.1 502 .*upstream failure/s, 'no answer'],
  ];
  for (const [answer, expected, why] of rows) {
    let received = '';
    const upstream = await startTcp((socket) =>
      socket.on('data', (piece: Buffer) => {
        received += piece.toString('latin1');
        if (received.includes('\r\n\r\n')) socket.end(answer);
      }),
    );
    const host = `ok.test:${upstream.port}`;
    const conversation = await open(port);
    // What a client sends before the 101 would be a request to one side and frames to the other.
    conversation.send(
      `GET / HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE}\r\nGET /smuggled HTTP/1.1\r\nHost: evil.test\r\n\r\n`,
    );
    t.match(await conversation.until(expected), expected, why);
    t.notMatch(received, /smuggled/, `${why}: nothing passes before the upstream’s 101`);
    conversation.socket.destroy();
    upstream.close();
  }
});

t.test('the headers of an upgrade are sent to the upstream again, and no other hop-by-hop headers', async (t) => {
  const { port } = await setUp(t);
  let received = '';
  const upstream = await startTcp((socket) =>
    socket.on('data', (piece: Buffer) => {
      received += piece.toString('latin1');
      if (received.includes('\r\n\r\n'))
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade, X-Hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\nX-Proxy-Error: forged\r\nSec-WebSocket-Accept: a\r\n\r\nearly',
        );
    }),
  );
  t.teardown(() => upstream.close());
  const host = `ok.test:${upstream.port}`;
  const conversation = await open(port);
  conversation.send(
    `GET /p HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE.replace('keep-alive', 'X-Mine')}X-Mine: 1\r\nProxy-Authorization: s\r\n\r\n`,
  );
  const answer = await conversation.until(/early$/);
  t.equal(
    answer,
    'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly',
  );
  t.match(received, /^GET \/p HTTP\/1.1\r\n/);
  t.match(received, /^Connection: Upgrade\r$/m);
  t.match(received, /^Upgrade: websocket\r$/m);
  t.match(received, /^Sec-WebSocket-Key: /m);
  t.notMatch(received, /X-Mine|Proxy-Authorization/);
});

t.test('an upgrade to another protocol continues as an ordinary request', async (t) => {
  let received = '';
  const upstream = await startTcp((socket) =>
    socket.on('data', (piece: Buffer) => {
      received += piece.toString('latin1');
      if (received.includes('\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }),
  );
  t.teardown(() => upstream.close());
  const { port } = await setUp(t);
  const host = `ok.test:${upstream.port}`;
  const conversation = await open(port);
  conversation.send(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
  );
  await conversation.until(/ok$/);
  t.notMatch(received, /upgrade|h2c|http2-settings/i);
});

t.test('each side’s end and failure reach the other; the command’s end closes both', async (t) => {
  const { port, host, registration, sockets } = await setUp(t);
  const first = connectThrough(port, host, true);
  await once(first, 'open');
  const [served] = sockets.clients;
  const gone = new Promise((resolve) => served?.once('close', resolve));
  first.terminate();
  await gone;
  const second = connectThrough(port, host, true);
  await once(second, 'open');
  const ended = once(second, 'close');
  for (const client of sockets.clients) client.terminate();
  await ended;
  const third = connectThrough(port, host, true);
  await once(third, 'open');
  const [last] = sockets.clients;
  const both = Promise.all([once(third, 'close'), new Promise((resolve) => last?.once('close', resolve))]);
  registration.finish({ treeGone: true });
  await both;
  t.pass('closed');
});

t.test('through an upstream proxy it has a separate tunnel', async (t) => {
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end();
  });
  proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const onward = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () =>
      socket.write('HTTP/1.1 200 OK\r\n\r\n'),
    );
    for (const end of [socket, onward]) end.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port, host } = await setUp(t, { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
  const socket = connectThrough(port, host, true);
  await once(socket, 'open');
  socket.send('hi');
  t.equal(String((await once(socket, 'message'))[0]), 'hi');
  t.strictSame(asked, [`CONNECT ${host}`]);
  socket.terminate();
});
