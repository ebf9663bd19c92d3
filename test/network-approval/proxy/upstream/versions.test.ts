/** Which connections are made to an upstream with TLS, and what becomes of requests when one goes away. */
import http2 from 'node:http2';
import tls from 'node:tls';
import t from 'tap';
import { exchange, startIntercepting } from '../../support/intercepting.js';
import { until } from '../../../fixtures/until.js';

t.setTimeout(60_000);

type Credentials = { readonly key: Buffer; readonly cert: Buffer };

t.test('many requests at once share one connection of HTTP/2, which ends when nobody uses it', async (t) => {
  const scene = await startIntercepting(
    t,
    (credentials) => http2.createSecureServer(credentials, (_request, response) => void response.end('ok')),
    { idleMs: 50 },
  );
  const seen = await Promise.all(Array.from({ length: 20 }, () => exchange(scene, 'h2', {})));
  t.ok(seen.every(({ body }) => body === 'ok'));
  t.equal(scene.upstream.connections(), 1);
  await until(() => scene.upstream.open.size === 0, 'the connection ends');
  t.match(await exchange(scene, 'http/1.1', {}), { status: 200, body: 'ok' });
  t.equal(scene.upstream.connections(), 2);
});

t.test('an upstream without ALPN is spoken to in HTTP/1.1; the connection that found it out is used', async (t) => {
  const scene = await startIntercepting(t, (credentials: Credentials) =>
    tls.createServer(credentials, (socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write('HTTP/1.1 200 Fine\r\ncontent-length: 2\r\n\r\nok'));
    }),
  );
  for (const version of ['h2', 'http/1.1', 'h2'] as const)
    t.match(await exchange(scene, version, {}), { status: 200, body: 'ok' });
  t.equal(scene.upstream.connections(), 1);
});

t.test('malformed answers, and connections that speak no HTTP/2, are a 502', async (t) => {
  const frame = (type: number, flags: number, id: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(id, 5);
    return Buffer.concat([head, payload]);
  };
  const literal = (name: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value, 'latin1'),
    ]);
  const status = Buffer.from([0x88]);
  const rows: [what: string, answer: Buffer][] = [
    ['a line end in a value', frame(1, 5, 1, Buffer.concat([status, literal('x', 'a\r\nb: c')]))],
    ['a field of one connection', frame(1, 5, 1, Buffer.concat([status, literal('transfer-encoding', 'chunked')]))],
    [
      'two lengths',
      frame(1, 4, 1, Buffer.concat([status, literal('content-length', '1'), literal('content-length', '2')])),
    ],
    ['no status', frame(1, 5, 1, literal('x', 'y'))],
    ['a pushed stream', frame(5, 4, 1, Buffer.from([0, 0, 0, 2, 0x82]))],
    ['a line of HTTP/1.1', Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')],
  ];
  for (const [index, [what, answer]] of rows.entries()) {
    const scene = await startIntercepting(t, (credentials) =>
      tls.createServer({ ...credentials, ALPNProtocols: ['h2'] }, (socket) => {
        socket.on('error', () => {});
        if (answer[0] === 0x48) return void socket.write(answer);
        socket.write(frame(4, 0, 0, Buffer.alloc(0)));
        let seen = Buffer.alloc(0);
        socket.on('data', (piece: Buffer) => {
          const had = hasHeaders(seen);
          seen = Buffer.concat([seen, piece]);
          if (!had && hasHeaders(seen)) socket.write(Buffer.concat([frame(4, 1, 0, Buffer.alloc(0)), answer]));
        });
      }),
    );
    const seen = await exchange(scene, index % 2 === 0 ? 'h2' : 'http/1.1', { method: 'POST' });
    // nghttp2 leaves such a field out.
    if (index === 0)
      t.strictSame([seen.status, seen.headers['x'], seen.headers['b']], [200, undefined, undefined], what);
    else t.match(seen, { status: 502, body: 'mitm upstream error' }, what);
  }
});

/** Whether a HEADERS frame is among what a client has sent. */
function hasHeaders(bytes: Buffer): boolean {
  for (let at = 24; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) if (bytes[at + 3] === 1) return true;
  return false;
}
