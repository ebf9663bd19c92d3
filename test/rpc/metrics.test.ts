import http from 'node:http';
import path from 'node:path';
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { METRICS_TYPE, renderMetrics } from '../../server/metrics/metrics.js';
import type { WebSocketAuth } from '../../server/rpc/transports/auth.js';
import { dial, INITIALIZE, temporaryFolder, testServer } from './support.js';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

function ask(port: number, method: string, target: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: target, headers, agent: false });
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    request.on('error', reject).end();
  });
}

const TEXT = renderMetrics([{ name: 'a_total', help: 'A.', type: 'counter', samples: [{ value: 7 }] }]);

async function listen(t: Test, auth: WebSocketAuth | null, families: string[] = []) {
  const server = testServer(
    {},
    {
      metrics: { type: METRICS_TYPE, text: async () => TEXT },
      countRequest: (family) => families.push(family),
    },
  );
  const { address } = await server.listenTcp({ host: '127.0.0.1', port: 0, auth });
  t.teardown(() => server.shutdown());
  return Number(address.split(':').at(-1));
}

t.test('/metrics answers local scrapers, and no web page', async (t) => {
  const port = await listen(t, null);
  const rows: [why: string, method: string, target: string, headers: http.OutgoingHttpHeaders, status: number][] = [
    ['a scrape', 'GET', '/metrics', {}, 200],
    ['with a query', 'GET', '/metrics?x=1', {}, 200],
    ['by localhost', 'GET', '/metrics', { host: `LOCALHOST:${port}` }, 200],
    ['by IPv6', 'GET', '/metrics', { host: `[::1]:${port}` }, 200],
    ['HEAD', 'HEAD', '/metrics', {}, 200],
    ['a credential that nobody asks for', 'GET', '/metrics', { authorization: 'Bearer x' }, 200],
    ['a page of another origin', 'GET', '/metrics', { origin: 'https://evil.example' }, 403],
    ['a page that has its name rebound to us', 'GET', '/metrics', { host: `evil.example:${port}` }, 403],
    ['a name that only looks like an address', 'GET', '/metrics', { host: '127.0.0.1.evil.example' }, 403],
    ['a name that only looks local', 'GET', '/metrics', { host: 'localhost.evil.example' }, 403],
    ['read only', 'POST', '/metrics', {}, 405],
    ['another path', 'GET', '/metrics/', {}, 400],
  ];
  for (const [why, method, target, headers, status] of rows) {
    const answer = await ask(port, method, target, headers);
    t.equal(answer.status, status, why);
    if (status !== 200) t.notMatch(answer.body, 'a_total', why);
    else if (method === 'GET') t.equal(answer.body, '# HELP a_total A.\n# TYPE a_total counter\na_total 7\n', why);
    else t.equal(answer.body, '');
  }
  const { headers } = await ask(port, 'GET', '/metrics');
  t.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  t.equal(headers['cache-control'], 'no-store');
  t.equal((await ask(port, 'GET', '/healthz')).status, 200, 'health is what it was');
});

t.test('/metrics needs the credential of a WebSocket; health needs none', async (t) => {
  const tokenFile = path.join(temporaryFolder(t), 'token');
  fs.writeFileSync(tokenFile, 'secret');
  const port = await listen(t, { mode: 'capability-token', tokenFile });
  const rows: [why: string, headers: http.OutgoingHttpHeaders, status: number, body: string][] = [
    ['none', {}, 401, 'missing websocket bearer token'],
    ['a wrong one', { authorization: 'Bearer other' }, 401, 'invalid websocket bearer token'],
    ['the right one', { authorization: 'Bearer secret' }, 200, TEXT],
    [
      'by a name: who has the credential is no page',
      { authorization: 'Bearer secret', host: 'box.example' },
      200,
      TEXT,
    ],
    ['but never with an Origin', { authorization: 'Bearer secret', origin: 'http://a.example' }, 403, ''],
  ];
  for (const [why, headers, status, body] of rows)
    t.match(await ask(port, 'GET', '/metrics', headers), { status, body }, why);
  t.equal((await ask(port, 'GET', '/readyz')).status, 200);
});

t.test('requests are counted by family; an unknown method has no label of its own', async (t) => {
  const families: string[] = [];
  const port = await listen(t, null, families);
  const client = await dial(t, `ws://127.0.0.1:${port}`);
  client.send(INITIALIZE);
  await client.next(({ id }) => id === 'init');
  for (const [id, method] of ['thread/list', 'command/exec', 'no/such/method', '__proto__'].entries())
    await client.request(id, method);
  t.strictSame(families, ['initialize', 'thread-list', 'command-exec', 'unknown', 'unknown']);
});

t.test('text format: labels are escaped', async (t) => {
  const text = renderMetrics([
    { name: 'x', help: 'X.', type: 'gauge', samples: [{ labels: { a: 'q"b\\c\nd', e: '' }, value: 0.5 }] },
  ]);
  t.equal(text, '# HELP x X.\n# TYPE x gauge\nx{a="q\\"b\\\\c\\nd",e=""} 0.5\n');
});
