/** The life of one connection of HTTP/2. */
import http2 from 'node:http2';
import t from 'tap';
import { exchange, startIntercepting } from '../../support/intercepting.js';
import { until } from '../../../fixtures/until.js';

t.setTimeout(60_000);

t.test('an upstream that takes few streams gets further connections', async (t) => {
  let waiting = 0;
  const scene = await startIntercepting(t, (credentials) => {
    const server = http2.createSecureServer({ ...credentials, settings: { maxConcurrentStreams: 2 } });
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      waiting++;
      const over = setInterval(() => {
        if (waiting < 6 && waiting > 0) return;
        clearInterval(over);
        if (stream.closed) return;
        stream.respond({ ':status': 200 });
        stream.end('ok');
      }, 5);
    });
    return server;
  });
  const session = await scene.http2Client();
  const first = session.request({ ':path': '/' });
  first.on('error', () => {});
  await until(() => waiting === 1, 'the first'); // and with it the settings
  const rest = Array.from({ length: 5 }, () => exchange(scene, 'h2', {}));
  t.ok(
    (await Promise.all(rest)).every(({ body }) => body === 'ok'),
    'none waits for another',
  );
  t.equal(scene.upstream.connections(), 3);
  session.destroy();
});

t.test('after GOAWAY running streams end well, and new ones have a new connection', async (t) => {
  const scene = await startIntercepting(t, (credentials) => {
    const server = http2.createSecureServer(credentials);
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      if (headers[':path'] !== '/last') return stream.end('ok');
      stream.write('begun ');
      stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR, stream.id);
      stream.on('data', () => stream.end('ended'));
    });
    return server;
  });
  const session = await scene.http2Client();
  const last = session.request({ ':method': 'POST', ':path': '/last' }, { endStream: false });
  let body = '';
  last.setEncoding('utf8').on('data', (piece: string) => (body += piece));
  await until(() => body === 'begun ', 'it has begun');
  t.match(await exchange(scene, 'h2', {}), { status: 200, body: 'ok' });
  t.equal(scene.upstream.connections(), 2);
  last.write('now');
  await until(() => body === 'begun ended', 'it ends well');
  session.destroy();
});
