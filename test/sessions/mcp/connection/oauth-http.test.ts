import t from 'tap';
import { checkUrl, oauthHttp } from '../../../../server/sessions/mcp/connection/oauth-http.js';
import type { Outbound, OutboundRequest } from '../../../../server/sessions/model/endpoint/outbound.js';
import { createOutbound } from '../../../../server/sessions/model/endpoint/outbound.js';
import { until } from '../../../fixtures/until.js';
import { authorizationServer } from '../../../fixtures/authorization-server.js';

/** Connections whose names have these addresses; nobody is behind them. */
function resolving(names: Readonly<Record<string, string>>) {
  const sent: OutboundRequest[] = [];
  const outbound: Outbound = {
    send(request) {
      request.judge?.(names[request.url.hostname] ?? request.url.hostname);
      sent.push(request);
      return Promise.reject(new Error('nobody is there'));
    },
  };
  return { sent, outbound };
}

const signal = (): AbortSignal => new AbortController().signal;

t.test('a server leads no nearer to this machine than it is itself', async (t) => {
  const names = {
    'public.test': '93.184.216.34',
    'lan.test': '10.1.2.3',
    'sneaky.test': '127.0.0.1',
    'cloud.test': '169.254.169.254',
  };
  const reach = async (server: string, url: string): Promise<string> => {
    const { outbound } = resolving(names);
    const http = oauthHttp({ outbound, server: new URL(server), headers: {}, signal });
    await http.probe().catch(() => undefined);
    return http.fetch(url).then(
      () => 'sent',
      (error: Error) => (error.message === 'nobody is there' ? 'sent' : error.message),
    );
  };
  t.equal(await reach('https://public.test/mcp', 'https://public.test/token'), 'sent');
  for (const url of [
    'https://lan.test',
    'https://sneaky.test',
    'https://127.0.0.1',
    'https://cloud.test',
    'https://[::1]',
  ])
    t.match(await reach('https://public.test/mcp', url), /nearer to this machine than itself/, url);
  t.equal(await reach('https://lan.test/mcp', 'https://lan.test:8443/token'), 'sent');
  t.match(await reach('https://lan.test/mcp', 'https://sneaky.test'), /nearer/);
  t.equal(await reach('http://127.0.0.1:1/mcp', 'http://localhost:2/token'.replace('localhost', '127.0.0.1')), 'sent');
  t.equal(await reach('http://127.0.0.1:1/mcp', 'https://lan.test'), 'sent');
  t.match(await reach('http://127.0.0.1:1/mcp', 'https://cloud.test'), /nearer/, 'secrets of a cloud are for nobody');
});

t.test('a URL is https, or http on this machine', async (t) => {
  for (const url of ['https://h.test', 'http://127.0.0.1:1', 'http://localhost', 'http://[::1]/'])
    checkUrl(new URL(url));
  for (const url of ['http://h.test', 'ftp://127.0.0.1', 'file:///x', 'javascript:1', 'http://127.0.0.1.evil.test'])
    t.throws(() => checkUrl(new URL(url)), { code: 'mcp.login' }, url);
});

t.test('configured headers are for the MCP server alone, and answers have a limit', async (t) => {
  const [server, other] = [await authorizationServer(t), await authorizationServer(t)];
  const http = oauthHttp({
    outbound: createOutbound({}),
    server: new URL(server.url),
    headers: { 'x-key': 'k' },
    signal,
  });
  t.match(await http.probe(), { status: 401 });
  await http.fetch(`${server.origin}/x`);
  await http.fetch(`${other.origin}/x`, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
  t.same(
    server.seen.map(({ headers }) => headers['x-key']),
    ['k', 'k'],
  );
  t.match(other.seen, [{ method: 'POST', body: 'a=b+c', headers: { 'x-key': undefined } }]);
  other.odd.set('/huge', () => ({ body: 'x'.repeat(1024 * 1024 + 1) }));
  await t.rejects(http.fetch(`${other.origin}/huge`), { code: 'mcp.login', message: /larger than 1048576 bytes/ });
});

t.test('a server that answers the question with a stream that does not end is no reason to wait', async (t) => {
  const server = await authorizationServer(t);
  server.odd.set('/mcp', () => ({ body: 'part', open: true }));
  const http = oauthHttp({ outbound: createOutbound({}), server: new URL(server.url), headers: {}, signal });
  t.equal((await http.probe()).status, 200);
});

t.test('its time is the signal', async (t) => {
  const server = await authorizationServer(t);
  server.odd.set('/slow', () => ({ hold: true }));
  const gone = new AbortController();
  const http = oauthHttp({
    outbound: createOutbound({}),
    server: new URL(server.url),
    headers: {},
    signal: () => gone.signal,
  });
  const waiting = http.fetch(`${server.origin}/slow`);
  gone.abort(new Error('too late'));
  await t.rejects(waiting, { message: 'too late' });
  const drips = new AbortController();
  server.odd.set('/drips', () => ({ body: 'part', open: true }));
  const slow = oauthHttp({
    outbound: createOutbound({}),
    server: new URL(server.url),
    headers: {},
    signal: () => drips.signal,
  });
  const body = slow.fetch(`${server.origin}/drips`);
  await until(() => server.seen.some(({ path }) => path === '/drips'), 'the request arrives');
  drips.abort(new Error('too slow'));
  await t.rejects(body);
});
