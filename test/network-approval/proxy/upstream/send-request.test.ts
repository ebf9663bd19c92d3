/** What is sent a second time. */
import http2 from 'node:http2';
import t from 'tap';
import { exchange, startIntercepting } from '../../support/intercepting.js';

t.setTimeout(60_000);

t.test('what an upstream refused unprocessed is sent again on a new connection, once, without a body', async (t) => {
  let refused = 0;
  const scene = await startIntercepting(t, (credentials) => {
    const server = http2.createSecureServer(credentials);
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      if (refused++ % 2 === 0 || headers[':path'] === '/always')
        return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
    return server;
  });
  t.match(await exchange(scene, 'h2', {}), { status: 200, body: 'ok' });
  t.equal(scene.upstream.connections(), 2);
  refused = 0;
  t.match(await exchange(scene, 'h2', { method: 'POST', body: ['x'] }), { status: 502 });
  t.equal(refused, 1);
  refused = 0;
  t.match(await exchange(scene, 'h2', { path: '/always' }), { status: 502 });
  t.equal(refused, 2);
});

t.test('an upstream that wants HTTP/1.1 for a request gets it', async (t) => {
  const scene = await startIntercepting(t, (credentials) => {
    const server = http2.createSecureServer({ ...credentials, allowHTTP1: true }, (request, response) => {
      if (request.httpVersion === '1.1') response.end('in HTTP/1.1');
      else response.stream.close(http2.constants.NGHTTP2_HTTP_1_1_REQUIRED);
    });
    return server;
  });
  t.match(await exchange(scene, 'h2', {}), { status: 200, body: 'in HTTP/1.1' });
  t.match(await exchange(scene, 'http/1.1', {}), { status: 200, body: 'in HTTP/1.1' });
});
