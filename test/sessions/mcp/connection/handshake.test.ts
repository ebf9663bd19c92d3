import t from 'tap';
import { fakeServer } from '../../../fixtures/mcp-server.js';
import { connected, connecting, hearing, limits } from './support.js';

t.test('the client says who it is, and takes what the server says of itself', async (t) => {
  const server = fakeServer({
    initialize: () => ({
      protocolVersion: '1999-01-01',
      serverInfo: { name: 's', extra: 1 },
      capabilities: { x: {} },
      instructions: 'use me',
    }),
  });
  const { facts } = await connected(server);
  t.same(facts, { serverInfo: { name: 's', extra: 1 }, capabilities: { x: {} }, instructions: 'use me' });
  t.match(server.got[0], {
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      clientInfo: { name: 'codex-mcp-client' },
      capabilities: { elicitation: { form: {}, url: {} } },
    },
  });
  t.equal(server.got[1].method, 'notifications/initialized');
});

t.test('a server may say nothing of itself, but must answer with an object', async (t) => {
  t.same((await connected(fakeServer({ initialize: () => ({}) }))).facts, {
    serverInfo: null,
    capabilities: null,
    instructions: null,
  });
  t.match(await connecting(fakeServer({ initialize: () => 'hello' }), hearing(), limits(200)), {
    ok: false,
    step: 'initialize',
  });
});
