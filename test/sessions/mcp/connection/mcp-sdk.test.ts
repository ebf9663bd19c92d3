import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { connect } from '../../../../server/sessions/mcp/connection/index.js';
import { createOutbound } from '../../../../server/sessions/model/endpoint/outbound.js';
import { call, hearing, limits } from './support.js';

t.test('a server over HTTP is asked in a session, which ends with the connection', async (t) => {
  const got: { method: string | undefined; session: unknown; version: unknown; body: string }[] = [];
  const results: Readonly<Record<string, object>> = {
    initialize: { protocolVersion: '2025-03-26', capabilities: {}, serverInfo: { name: 'web', version: '1' } },
    'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'hello' }] },
  };
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString();
      const { 'mcp-session-id': session, 'mcp-protocol-version': version } = request.headers;
      got.push({ method: request.method, session, version, body });
      if (request.method !== 'POST') return void response.writeHead(request.method === 'GET' ? 405 : 200).end();
      const { id, method } = JSON.parse(body) as { id?: number; method: string };
      if (id === undefined) return void response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const events = hearing();
  const made = await connect({
    place: {
      kind: 'http',
      url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      headers: { 'x-key': 'k' },
      outbound: createOutbound({}),
      tokens: null,
      headTimeoutMs: 5_000,
    },
    events,
    limits: limits(),
  });
  if (!made.ok) throw new Error(JSON.stringify(made));
  t.match(await call(made.connection), { ok: true, result: { content: [{ text: 'hello' }] } });
  const calling = got.find(({ body }) => body.includes('tools/call'));
  t.match(calling, { session: 's1', version: '2025-03-26' });
  await made.connection.close();
  t.match(got.at(-1), { method: 'DELETE', session: 's1' });
  t.equal(events.losses, 0);
});
