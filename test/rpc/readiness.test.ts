import type { IncomingHttpHeaders } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t from 'tap';
import { createPages } from '../../server/rpc/transports/http-pages.js';
import { objectionTo, pageOf, type HttpAnswer } from '../../server/rpc/transports/http-rules.js';

const TEXT = 'it was replaced\n';

t.test('/readyz gives the reasons against new work, and /healthz only that the process lives', async (t) => {
  const pages = await createPages({ metrics: null, readiness: () => TEXT, judge: () => null });
  t.teardown(() => pages.close());
  for (const [method, url, statusCode, body] of [
    ['GET', '/readyz', 503, TEXT],
    ['GET', '/readyz?verbose', 503, TEXT],
    ['HEAD', '/readyz', 503, ''],
    ['GET', '/healthz', 200, ''],
    ['GET', '/%72eadyz', 400, "Connection header did not include 'upgrade'"],
    ['GET', '//readyz', 400, "Connection header did not include 'upgrade'"],
    ['GET', '/readyz/', 400, "Connection header did not include 'upgrade'"],
    ['GET', '/%', 400, "Connection header did not include 'upgrade'"],
    ['GET', '/metrics', 400, "Connection header did not include 'upgrade'"],
  ] as const) {
    const answer = await pages.inject({ method, url });
    t.strictSame(
      [answer.statusCode, answer.body],
      [statusCode, method === 'HEAD' ? answer.body : body],
      `${method} ${url}`,
    );
  }
});

/** What comes back for these bytes; our side ends with the first of it. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      answer += String(data);
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

t.test('a request is judged by its head; a page that cannot be made is closed without a byte', async (t) => {
  const pages = await createPages({
    metrics: { type: 'text/plain', text: () => Promise.reject(new Error('no numbers')) },
    judge: ({ method = '', url = '', headers }, page) => objectionTo({ method, url, headers }, page, true),
    failed: (socket) => socket.destroy(),
  });
  t.teardown(() => pages.close());
  await pages.listen({ host: '127.0.0.1', port: 0 });
  const { port } = pages.server.address() as AddressInfo;
  t.equal(await exchange(port, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'), '');
  t.match(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 200 /);
  const body = 'Host: x\r\nContent-Type: nonsense\r\nContent-Length: 99999999\r\n\r\n{';
  t.match(await exchange(port, `POST /healthz HTTP/1.1\r\n${body}`), /^HTTP\/1\.1 405 .*\r\nallow: GET,HEAD\r\n/);
  t.match(await exchange(port, `PUT /other HTTP/1.1\r\n${body}`), /^HTTP\/1\.1 405 .*\r\n[^]*content-length: 28\r\n/);
  t.match(await exchange(port, `GET /healthz HTTP/1.1\r\nOrigin: http://x\r\n${body}`), /^HTTP\/1\.1 403 /);
});

t.test('the reasons to refuse a request', (t) => {
  const judged = (method: string, url: string, headers: IncomingHttpHeaders, credential = false): HttpAnswer | null =>
    objectionTo({ method, url, headers }, pageOf(url), credential);
  t.equal(judged('GET', '/readyz', {}), null);
  t.match(judged('POST', '/readyz', {}), { status: 405, allow: 'GET,HEAD' });
  t.match(judged('POST', '/other', {}), { status: 405, body: 'Request method must be `GET`' });
  t.match(judged('POST', '/other', { origin: 'x' }), { status: 403, refusal: 'origin' });
  t.match(judged('GET', '/metrics', { host: 'evil.test' }), { status: 403, refusal: 'host' });
  t.equal(judged('GET', '/metrics', { host: 'evil.test' }, true), null);
  t.equal(judged('GET', '/metrics', { host: 'localhost:1' }), null);
  t.end();
});
