import t, { type Test } from 'tap';
import type { OutboundRequest } from '../../../../server/sessions/model/endpoint/outbound.js';
import { createOutbound } from '../../../../server/sessions/model/endpoint/outbound.js';
import { CodexdError } from '../../../../server/errors/codexd-error.js';
import { outboundFetch } from '../../../../server/sessions/mcp/connection/outbound-fetch.js';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

async function listening(t: Test, answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

t.test('requests go out, and answers come in, as the SDK has them', async (t) => {
  const seen: { method: string | undefined; headers: http.IncomingHttpHeaders; body: string }[] = [];
  const url = await listening(t, (request, response) => {
    let body = '';
    request.on('data', (piece) => (body += String(piece)));
    request.on('end', () => {
      seen.push({ method: request.method, headers: request.headers, body });
      response.writeHead(request.method === 'DELETE' ? 204 : 200, { 'mcp-session-id': 's' });
      response.end(request.method === 'DELETE' ? undefined : 'answer');
    });
  });
  const fetch = outboundFetch(createOutbound({ no_proxy: '*' }), 5_000);
  const posted = await fetch(url, { method: 'POST', headers: new Headers({ 'X-A': '1' }), body: '{}' });
  t.equal(await posted.text(), 'answer');
  t.equal(posted.headers.get('mcp-session-id'), 's');
  t.equal((await fetch(url, { method: 'DELETE' })).status, 204);
  t.equal(await (await fetch(url)).text(), 'answer');
  t.match(seen, [
    { method: 'POST', body: '{}', headers: { 'x-a': '1', accept: 'text/event-stream, application/json' } },
    { method: 'DELETE' },
    { method: 'GET' },
  ]);
});

t.test('a kept connection that was closed meanwhile is not the server’s fault', async (t) => {
  const sent: (boolean | undefined)[] = [];
  const fetch = outboundFetch(
    {
      send({ fresh }: OutboundRequest) {
        sent.push(fresh);
        return Promise.reject(fresh ? new Error('refused') : new CodexdError('model.connection-closed', 'closed'));
      },
    },
    1_000,
  );
  await t.rejects(fetch('http://127.0.0.1:9/'), /refused/);
  t.same(sent, [false, true], 'it is sent once more, on a new connection');
});

t.test('a call is sent once, however its connection ends', async (t) => {
  let posts = 0;
  const url = await listening(t, (request, response) => {
    if (request.method !== 'POST') return void response.end('open');
    posts++;
    request.resume().once('end', () => void request.socket.destroy());
  });
  const fetch = outboundFetch(createOutbound({ no_proxy: '*' }), 5_000);
  t.equal(await (await fetch(url)).text(), 'open', 'a connection is kept');
  await t.rejects(fetch(url, { method: 'POST', body: '{}' }));
  t.equal(posts, 1);
});
