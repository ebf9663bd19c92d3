/** Every pair of versions: a client's and an upstream's, through the daemon's end of a tunnel. */
import http2 from 'node:http2';
import https from 'node:https';
import t from 'tap';
import { exchange, startIntercepting, type Upstream } from '../../support/intercepting.js';
import { until } from '../../../fixtures/until.js';

t.setTimeout(120_000);

const VERSIONS = ['h2', 'http/1.1'] as const;
type Version = (typeof VERSIONS)[number];
type Handler = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;

/** An upstream of one version only. Node's two servers differ in types, not in what these handlers use. */
const speaking =
  (version: Version, handler: Handler, more: http2.SecureServerOptions = {}) =>
  (credentials: { readonly key: Buffer; readonly cert: Buffer }): Upstream =>
    version === 'h2'
      ? http2.createSecureServer({ ...credentials, ...more, allowHTTP1: false }, handler)
      : https.createServer({ ...credentials, ALPNProtocols: ['http/1.1'] }, handler as never);

async function read(request: AsyncIterable<Buffer>): Promise<string> {
  let body = '';
  for await (const piece of request) body += piece.toString();
  return body;
}

for (const outer of VERSIONS) {
  for (const inner of VERSIONS) {
    const pair = `${outer} to ${inner}`;

    t.test(`${pair}: head, body and trailers, both ways`, async (t) => {
      const heads: object[] = [];
      const scene = await startIntercepting(
        t,
        speaking(inner, (request, response) => {
          void read(request).then((body) => {
            heads.push({ version: request.httpVersion, ...request.headers, trailers: { ...request.trailers } });
            response.writeHead(200, { trailer: 'grpc-status, x-sum', 'x-proxy-error': 'forged', 'x-kept': 'yes' });
            response.write(`${request.method} ${request.url} `);
            response.addTrailers({
              'grpc-status': '0',
              'x-sum': 'abc',
              'x-proxy-error': 'forged',
              'set-cookie': 'a=b',
            });
            response.end(body);
          });
        }),
      );
      const seen = await exchange(scene, outer, {
        method: 'POST',
        path: '/svc/Method?q=1',
        headers: {
          te: 'trailers',
          trailer: 'x-end',
          'x-own': 'v',
          ...(outer === 'h2' ? {} : { connection: 'te, x-hop', 'x-hop': '1' }),
        },
        body: ['one', 'two'],
        trailers: { 'x-end': 'here', authorization: 'late' },
      });
      t.match(seen, { status: 200, body: 'POST /svc/Method?q=1 onetwo', whole: true });
      t.strictSame(seen.trailers, { 'grpc-status': '0', 'x-sum': 'abc' });
      t.equal(seen.headers['x-kept'], 'yes');
      t.equal(seen.headers['x-proxy-error'], undefined);
      t.match(heads, [
        { version: inner === 'h2' ? '2.0' : '1.1', te: 'trailers', 'x-own': 'v', trailers: { 'x-end': 'here' } },
      ]);
      t.notMatch(heads, [{ 'x-hop': '1' }]);
      t.notMatch(heads, [{ trailers: { authorization: 'late' } }]);
      t.equal((heads[0] as Record<string, unknown>)[inner === 'h2' ? ':authority' : 'host'], scene.name);
      t.match(scene.asked, [{ method: 'POST', intercepted: 'request' }]);
    });

    t.test(`${pair}: answers without a body keep their form`, async (t) => {
      const scene = await startIntercepting(
        t,
        speaking(inner, (request, response) => {
          const status = Number(/\d+/.exec(request.url)?.[0] ?? 200);
          response.writeHead(status, request.method === 'HEAD' ? { 'content-length': '7' } : {});
          response.end();
        }),
      );
      for (const [method, path, status] of [
        ['HEAD', '/', 200],
        ['GET', '/204', 204],
        ['GET', '/304', 304],
        ['GET', '/200', 200],
        ['OPTIONS', '*', 200],
      ] as const) {
        const seen = await exchange(scene, outer, { method, path });
        t.match(seen, { status, body: '', whole: true }, `${method} ${path}`);
        if (method === 'HEAD') t.equal(seen.headers['content-length'], '7');
      }
    });

    t.test(`${pair}: 1xx answers go through, and 100 to who waits for it`, async (t) => {
      const scene = await startIntercepting(
        t,
        speaking(inner, (request, response) => {
          response.writeEarlyHints({ link: '</a.css>; rel=preload' });
          void read(request).then((body) => response.end(body));
        }),
      );
      const seen = await exchange(scene, outer, { method: 'POST', body: ['x'], headers: { expect: '100-continue' } });
      t.match(seen, { status: 200, body: 'x', whole: true });
      t.strictSame([...seen.informed].sort(), [100, 103]);
      t.strictSame(
        (await exchange(scene, outer, {})).informed.filter((status) => status !== 100),
        [103],
      );
    });

    t.test(`${pair}: large bodies pass whole, both ways, and wait for a slow reader`, async (t) => {
      const size = 8 * 1024 * 1024;
      let written = 0;
      const scene = await startIntercepting(
        t,
        speaking(inner, (request, response) => {
          if (request.method === 'POST') return void read(request).then((body) => response.end(String(body.length)));
          const piece = Buffer.alloc(64 * 1024, 'a');
          const more = (): void => {
            while (written < 4 * size) {
              written += piece.length;
              if (!response.write(piece)) return void response.once('drain', more);
            }
            response.end();
          };
          more();
        }),
      );
      const sent = await exchange(scene, outer, { method: 'POST', body: Array<string>(8).fill('b'.repeat(size / 8)) });
      t.equal(sent.body, String(size));
      // A client that reads nothing.
      if (outer === 'h2') {
        const session = await scene.http2Client();
        const stream = session.request({ ':path': '/' });
        await new Promise((done) => stream.once('response', done));
        let last = -1;
        await until(() => {
          const same = written === last;
          last = written;
          return same && written > 0;
        }, 'the upstream waits');
        t.ok(written < 4 * size, `${written} octets of ${4 * size}`);
        let received = 0;
        stream.on('data', (piece: Buffer) => (received += piece.length));
        await new Promise((done) => stream.once('end', done));
        t.equal(received, 4 * size);
        session.destroy();
      } else t.equal((await exchange(scene, outer, {})).body.length, 4 * size);
    });

    t.test(`${pair}: a long head passes, one that is too long is a 502`, async (t) => {
      const long = { maxSendHeaderBlockLength: 1024 * 1024 };
      const scene = await startIntercepting(
        t,
        speaking(
          inner,
          (request, response) => {
            response.setHeader('x-long', 'a'.repeat(Number(request.url.slice(1))));
            response.end(String(request.headers['x-own']?.length));
          },
          long,
        ),
      );
      const headers = { 'x-own': 'b'.repeat(9000) };
      const passed = await exchange(scene, outer, { path: '/15000', headers });
      t.match(passed, { status: 200, body: '9000', headers: { 'x-long': /^a{15000}$/ } });
      t.match(await exchange(scene, outer, { path: '/80000', headers }), { status: 502, body: 'mitm upstream error' });
    });

    t.test(`${pair}: a request that is cut off does not look whole`, async (t) => {
      let outcome = '';
      const scene = await startIntercepting(
        t,
        speaking(inner, (request, response) => {
          response.on('error', () => {});
          request.on('data', () => (outcome ||= 'begun'));
          request.on('end', () => (outcome = request.complete && !request.aborted ? 'whole' : 'cut off'));
          request.on('aborted', () => (outcome = 'cut off'));
        }),
      );
      if (outer === 'h2') {
        const session = await scene.http2Client();
        const options = { endStream: false, waitForTrailers: true };
        const stream = session.request({ ':method': 'POST', ':path': '/' }, options);
        stream.on('error', () => {});
        stream.write('half');
        await until(() => outcome === 'begun', 'the first half');
        stream.close(http2.constants.NGHTTP2_CANCEL);
      } else {
        const socket = await scene.connect('http/1.1');
        socket.write(`POST / HTTP/1.1\r\nHost: ${scene.name}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`);
        await until(() => outcome === 'begun', 'the first half');
        socket.destroy();
      }
      await until(() => outcome !== 'begun', 'the upstream hears of it');
      t.equal(outcome, 'cut off');
    });

    t.test(`${pair}: an answer that is cut off does not look whole`, async (t) => {
      const scene = await startIntercepting(
        t,
        speaking(inner, (request, response) => {
          response.write('half');
          setImmediate(() =>
            inner === 'h2' ? response.stream.close(Number(request.url.slice(1))) : response.socket?.destroy(),
          );
        }),
      );
      for (const code of inner === 'h2' ? [2, 7, 8] : [0]) {
        const seen = await exchange(scene, outer, { path: `/${code}` });
        t.equal(seen.whole, false, `code ${code}`);
      }
    });
  }
}

t.test('both directions of one stream at once, and a client that cancels', async (t) => {
  let closed: number | null = null;
  const scene = await startIntercepting(t, (credentials) => {
    const server = http2.createSecureServer(credentials);
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.pipe(stream);
      stream.on('close', () => (closed = stream.rstCode));
    });
    return server;
  });
  const session = await scene.http2Client();
  const stream = session.request(
    { ':method': 'POST', ':path': '/echo', te: 'trailers' },
    { endStream: false, waitForTrailers: true }, // without it Node's client ends its side before it resets
  );
  stream.on('error', () => {});
  let received = '';
  stream.setEncoding('utf8').on('data', (piece: string) => (received += piece));
  await new Promise((done) => stream.once('response', done));
  for (const word of ['one ', 'two ', 'three ']) {
    stream.write(word);
    await until(() => received.endsWith(word), word);
  }
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await until(() => closed !== null, 'the upstream hears of it');
  t.equal(closed, http2.constants.NGHTTP2_CANCEL);
  session.destroy();
});

t.test('an answer of gRPC that is trailers alone ends with its head', async (t) => {
  const scene = await startIntercepting(t, (credentials) => {
    const server = http2.createSecureServer(credentials);
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'grpc-status': '5', 'content-type': 'application/grpc' }, { endStream: true });
    });
    return server;
  });
  const session = await scene.http2Client();
  const stream = session.request({ ':method': 'POST', ':path': '/x' }, { endStream: false });
  stream.on('error', () => {});
  const flags = await new Promise<number>((done) => stream.once('response', (_headers, given) => done(given)));
  t.equal(flags & http2.constants.NGHTTP2_FLAG_END_STREAM, 1);
  session.destroy();
});
