import http from 'node:http';
import net from 'node:net';
import t from 'tap';
import { createFrameMeter } from '../../server/rpc/wire/frame-meter.js';
import { dial, dialInitialized, startDaemon, startListener } from './support.js';

const LIST = 'thread/loaded/list';
const MIB = 1024 * 1024;
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

function ask(port: number, method: string, path: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }));
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode!, body: 'upgraded', headers: response.headers });
    });
    request.on('error', reject).end();
  });
}

t.test('the HTTP side, in its order', async (t) => {
  const { daemon, port } = await startListener(t);
  t.equal(daemon.stdout(), '');
  t.equal(
    daemon.stderr(),
    `codex app-server (WebSockets)\n  listening on: ws://127.0.0.1:${port}\n  readyz: http://127.0.0.1:${port}/readyz\n  healthz: http://127.0.0.1:${port}/healthz\n  note: binds localhost only (use SSH port-forwarding for remote access)\n`,
  );
  const without = (name: string) => Object.fromEntries(Object.entries(UPGRADE).filter(([key]) => key !== name));
  const rows: [
    why: string,
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    status: number,
    body: string,
  ][] = [
    ['any Origin is refused', 'GET', '/', { ...UPGRADE, origin: 'https://evil.example' }, 403, ''],
    ['the server’s own too', 'GET', '/', { ...UPGRADE, origin: `http://127.0.0.1:${port}` }, 403, ''],
    ['null', 'GET', '/', { ...UPGRADE, origin: 'null' }, 403, ''],
    ['an empty one', 'GET', '/', { ...UPGRADE, origin: '' }, 403, ''],
    ['on health checks', 'GET', '/readyz', { origin: 'x' }, 403, ''],
    ['before the method is looked at', 'POST', '/', { origin: 'x' }, 403, ''],
    [
      'a page that rebinds its name to us sends Origin',
      'GET',
      '/',
      { ...UPGRADE, host: 'evil.example', origin: 'http://evil.example' },
      403,
      '',
    ],
    [
      'and on plain HTTP finds nothing',
      'GET',
      '/secret',
      { host: 'evil.example' },
      400,
      "Connection header did not include 'upgrade'",
    ],
    ['ready', 'GET', '/readyz', {}, 200, ''],
    ['healthy', 'GET', '/healthz?a=b', {}, 200, ''],
    ['HEAD', 'HEAD', '/readyz', {}, 200, ''],
    ['health with upgrade headers', 'GET', '/readyz', UPGRADE, 200, ''],
    ['health is read only', 'POST', '/readyz', {}, 405, ''],
    ['also for unusual methods', 'PROPFIND', '/healthz', {}, 405, ''],
    ['other methods', 'POST', '/', {}, 405, 'Request method must be `GET`'],
    [
      'with a body of some type',
      'PUT',
      '/x',
      { 'content-type': 'text/strange', 'content-length': 0 },
      405,
      'Request method must be `GET`',
    ],
    ['OPTIONS', 'OPTIONS', '/', {}, 405, 'Request method must be `GET`'],
    ['PROPFIND', 'PROPFIND', '/', {}, 405, 'Request method must be `GET`'],
    ['POST with upgrade headers', 'POST', '/', UPGRADE, 405, 'Request method must be `GET`'],
    ['no connection header', 'GET', '/', without('connection'), 400, "Connection header did not include 'upgrade'"],
    ['a slash behind a health path', 'GET', '/readyz/', {}, 400, "Connection header did not include 'upgrade'"],
    ['a path that is not an URL', 'GET', '/%zz', {}, 400, "Connection header did not include 'upgrade'"],
    [
      'another protocol',
      'GET',
      '/',
      { ...UPGRADE, upgrade: 'h2c' },
      400,
      "`Upgrade` header did not include 'websocket'",
    ],
    ['no upgrade header', 'GET', '/', without('upgrade'), 400, "`Upgrade` header did not include 'websocket'"],
    [
      'an old version',
      'GET',
      '/',
      { ...UPGRADE, 'sec-websocket-version': '8' },
      400,
      "`Sec-WebSocket-Version` header did not include '13'",
    ],
    ['no key', 'GET', '/', without('sec-websocket-key'), 400, '`Sec-WebSocket-Key` header missing'],
    ['an upgrade', 'GET', '/', UPGRADE, 101, 'upgraded'],
    ['on any path', 'GET', '/rpc/a?b=c', UPGRADE, 101, 'upgraded'],
    ['a credential that nobody asked for', 'GET', '/', { ...UPGRADE, authorization: 'Bearer x' }, 101, 'upgraded'],
  ];
  for (const [why, method, path, headers, status, body] of rows) {
    t.match(await ask(port, method, path, headers), { status, body }, why);
  }
  const health = await ask(port, 'DELETE', '/readyz');
  t.equal(health.headers.allow, 'GET,HEAD');
  t.equal((await ask(port, 'GET', '/')).headers['content-type'], 'text/plain; charset=utf-8');
  const offered = { ...UPGRADE, 'sec-websocket-protocol': 'a, b', 'sec-websocket-extensions': 'permessage-deflate' };
  const upgraded = await ask(port, 'GET', '/', offered);
  t.equal(upgraded.status, 101);
  t.equal(upgraded.headers['sec-websocket-protocol'], undefined, 'subprotocols are not negotiated');
  t.equal(upgraded.headers['sec-websocket-extensions'], undefined, 'nor are extensions');
  t.equal(upgraded.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

t.test('bytes that are not HTTP get a 400 and the end', async (t) => {
  const { port } = await startListener(t);
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write('{"id":1,"method":"initialize"}\n'));
    socket
      .on('data', (data) => (text += data))
      .on('end', () => resolve(text))
      .on('error', reject);
  });
  t.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
});

t.test('one message per text frame; everything else is ignored or closed with its code', async (t) => {
  const { port } = await startListener(t);
  const url = `ws://127.0.0.1:${port}`;
  const message = (id: number, more = '') => `{"id":${id},"method":"${LIST}","params":{${more}}}`;

  t.test('accepted frames and ignored frames', async (t) => {
    const client = await dialInitialized(t, url);
    const pongs: string[] = [];
    client.ws.on('pong', (data) => pongs.push(String(data)));
    client.ws.send(`${message(1)}\n`);
    client.ws.send(`${message(2)}\n${message(3)}`);
    client.ws.send(Buffer.from(message(4)), { binary: true });
    client.ws.send('{oops');
    client.ws.send('');
    client.ws.send(message(5).slice(0, 10), { fin: false });
    client.ws.ping('hey');
    client.ws.send(message(5).slice(10), { fin: true });
    await client.request(6, LIST);
    t.same(
      client.messages.filter(({ id }) => typeof id === 'number').map(({ id }) => id),
      [1, 5, 6],
    );
    t.same(pongs, ['hey'], 'one pong');
  });

  t.test('a close is answered with its code', async (t) => {
    const client = await dialInitialized(t, url);
    client.ws.close(1000);
    t.equal(await client.closed, 1000);
  });

  t.test('15 MiB in a frame and 63 MiB in pieces are accepted', async (t) => {
    const client = await dialInitialized(t, url);
    client.ws.send(message(1, `"x":"${'x'.repeat(15 * MIB)}"`));
    await client.next(({ id }) => id === 1);
    const big = Buffer.from(message(2, `"x":"${'x'.repeat(63 * MIB)}"`));
    for (let at = 0; at < big.length; at += 8 * MIB) {
      client.ws.send(big.subarray(at, at + 8 * MIB), { binary: false, fin: at + 8 * MIB >= big.length });
    }
    await client.next(({ id }) => id === 2);
  });

  t.test('faults end the connection with the code for the reason, and no other connection', async (t) => {
    const witness = await dialInitialized(t, url);
    const rows: [why: string, code: number, bytes: Buffer][] = [
      ['invalid UTF-8', 1007, masked(0x81, Buffer.from([0xff, 0xfe]))],
      ['an unmasked frame', 1002, Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
      ['a reserved opcode', 1002, masked(0x83, Buffer.from('x'))],
      ['a continuation of nothing', 1002, masked(0x80, Buffer.from('x'))],
      ['a frame over 16 MiB', 1009, header(0x81, 16 * MIB + 1)],
      ['a frame of 2^62 bytes', 1009, header(0x81, 2 ** 62)],
    ];
    for (const [why, code, bytes] of rows) t.equal(await closeCodeOf(port, bytes), code, why);
    const piece = masked(0x01, Buffer.alloc(13 * MIB, 0x20));
    const more = masked(0x00, Buffer.alloc(13 * MIB, 0x20));
    t.equal(await closeCodeOf(port, Buffer.concat([piece, more, more, more, more])), 1009, 'a message over 64 MiB');
    t.match(await witness.request(1, LIST), { result: { data: [] } });
  });
});

t.test('after 100 000 malformed frames it still answers, and its memory is as before', async (t) => {
  const { daemon, port } = await startListener(t);
  const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  const memory = async (nth: number): Promise<number> => {
    await client.request(`before ${nth}`, LIST);
    daemon.process.kill('SIGUSR2');
    const [, bytes] = await daemon.says(new RegExp(`(?:memory [^]*){${nth}}memory (\\d+)\n`));
    return Number(bytes);
  };
  const junk = ['{oops', '', '[]', '42', '{"id":1.5,"method":"x"}', '['.repeat(500), '{"id":9}', 'null'];
  const flood = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent++) {
      client.ws.send(junk[sent % junk.length]!, { binary: sent % 10 === 9 });
      if (sent % 1000 === 0) await client.request(`flood ${count} ${sent}`, LIST);
    }
  };
  await flood(20_000);
  await memory(0);
  const before = await memory(1);
  await flood(100_000);
  const after = await memory(2);
  t.ok(after - before < 30 * MIB, `${before} → ${after} bytes`);
});

t.test('a client that does not read delays no other client, and needs limited memory', async (t) => {
  const { daemon, port } = await startListener(t);
  const stuck = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  stuck.ws.pause();
  for (let id = 0; id < 200_000; id++) stuck.ws.send(`{"id":${id},"method":"${LIST}","params":{}}`);
  const other = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  for (let id = 0; id < 100; id++) t.match(await other.request(id, LIST), { result: {} });
  daemon.process.kill('SIGUSR2');
  const [, bytes] = await daemon.says(/memory (\d+)/);
  t.ok(Number(bytes) < 300 * MIB, `${bytes} bytes`);
  stuck.ws.resume();
  await stuck.next(({ id }) => id === 199_999);
  t.equal(new Set(stuck.messages.filter(({ id }) => typeof id === 'number').map(({ id }) => id)).size, 200_000);
});

t.test('frames that arrive together with the upgrade are not lost', async (t) => {
  const { port } = await startListener(t);
  const request = Object.entries(UPGRADE).map(([name, value]) => `${name}: ${value}\r\n`);
  const message = Buffer.from(JSON.stringify({ id: 1, method: LIST, params: {} }));
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => {
      const head = Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n${request.join('')}\r\n`);
      socket.write(Buffer.concat([head, masked(0x81, message)]));
    });
    socket.on('error', reject);
    socket.on('data', (data) => {
      text += data;
      if (!text.includes('"id":1}')) return;
      socket.destroy();
      resolve(text);
    });
  });
  t.match(answer, /^HTTP\/1\.1 101 /);
  t.match(answer, /"Not initialized"/);
});

t.test('connections open and close: each with its own handshake, none is missed', async (t) => {
  const { port } = await startListener(t);
  const url = `ws://127.0.0.1:${port}`;
  const fresh = await dial(t, url);
  t.match(await fresh.request(1, LIST), { error: { message: 'Not initialized' } });
  const [a, b] = [await dialInitialized(t, url), await dialInitialized(t, url)];
  const [x, y] = await Promise.all([a.request(7, LIST), b.request(7, 'thread/read')]);
  t.match([x, y], [{ result: { data: [] } }, { error: { message: /threadId/ } }], 'the same id on both');
  const running = a.request('run', 'command/exec', { command: ['x'] });
  a.ws.terminate();
  t.match(await b.request(8, LIST), { result: {} });
  void running;
});

t.test('the end of standard input does not end a listener', async (t) => {
  const { daemon, port } = await startListener(t);
  daemon.process.stdin.end();
  const client = await dialInitialized(t, `ws://127.0.0.1:${port}`);
  t.match(await client.request(1, LIST), { result: {} });
});

t.test('a port that is in use, and an address of the network without authentication', async (t) => {
  const { port } = await startListener(t);
  const second = startDaemon(t, ['--listen', `ws://127.0.0.1:${port}`]);
  t.equal(await second.exited, 1);
  t.match(second.stderr(), /^Error: cannot listen on ws:\/\/127\.0\.0\.1:\d+: Address in use \(os error 98\)\n$/);
  for (const host of ['192.0.2.1', '0.0.0.0', '[::]']) {
    const open = startDaemon(t, ['--listen', `ws://${host}:0`]);
    t.equal(await open.exited, 1);
    t.equal(
      open.stderr(),
      `Error: refusing to start non-loopback websocket listener ${host}:0 without auth; configure \`--ws-auth capability-token\` or \`--ws-auth signed-bearer-token\`\n`,
    );
  }
  const other = startDaemon(t, ['--listen', 'ws://127.8.9.10:0']);
  await other.says(/listening on: ws:\/\/127\.8\.9\.10:\d+/);
});

t.test('the frame meter counts frames for any division of the bytes', (t) => {
  const stream = Buffer.concat([
    masked(0x81, Buffer.alloc(5)),
    masked(0x81, Buffer.alloc(200)),
    masked(0x01, Buffer.alloc(70_000)),
    masked(0x80, Buffer.alloc(0)),
    masked(0x81, Buffer.alloc(1001)),
  ]);
  for (const size of [1, 2, 3, 7, 1000, stream.length]) {
    const verdicts = { 70_000: false, 69_999: true };
    for (const [limit, want] of Object.entries(verdicts)) {
      const meter = createFrameMeter(Number(limit));
      let exceeded = false;
      for (let at = 0; at < stream.length; at += size) exceeded = meter(stream.subarray(at, at + size)) || exceeded;
      t.equal(exceeded, want, `pieces of ${size}, limit ${limit}`);
    }
  }
  t.end();
});

/** A client's frame (RFC 6455 §5.2) with a mask of zeros. */
function masked(first: number, payload: Buffer): Buffer {
  return Buffer.concat([header(first, payload.length), payload]);
}

function header(first: number, length: number): Buffer {
  const mask = Buffer.alloc(4);
  if (length < 126) return Buffer.concat([Buffer.from([first, 0x80 | length]), mask]);
  if (length < 65_536) return Buffer.concat([Buffer.from([first, 0xfe, length >> 8, length & 0xff]), mask]);
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  return Buffer.concat([Buffer.from([first, 0xff]), long, mask]);
}

/** Upgrades by hand, sends these bytes, and reads the code of the close frame that comes back. */
function closeCodeOf(port: number, bytes: Buffer): Promise<number | 'no close frame'> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, headers: UPGRADE, agent: false });
    request.on('upgrade', (_response, socket) => {
      let received = Buffer.alloc(0);
      socket.on('data', (data: Buffer) => {
        received = Buffer.concat([received, data]);
        if (received[0] === 0x88 && received.length >= 4) {
          resolve(received.readUInt16BE(2));
          socket.destroy();
        }
      });
      socket.on('close', () => resolve('no close frame'));
      socket.on('error', () => {});
      socket.write(bytes);
    });
    request.on('error', reject).end();
  });
}
