import t from 'tap';
import { connected } from '../../../server/sessions/mcp/connected.js';
import type { McpServer } from '../../../server/sessions/mcp/mcp-server.js';

/** A server that is started by the first question. */
const server = (after: Pick<McpServer, 'status' | 'error' | 'connection'>): McpServer => {
  const state = { status: 'notStarted', error: null, connection: null } as unknown as McpServer;
  return Object.assign(state, {
    start: () => Object.assign(state, after),
    settled: () => Promise.resolve(),
  });
};

t.test('a server is started, and what prevents it is said', async (t) => {
  const connection = {} as NonNullable<McpServer['connection']>;
  t.same(await connected(server({ status: 'connected', error: null, connection })), { ok: true, connection });
  t.same(await connected(server({ status: 'failed', error: 'no program', connection: null })), {
    ok: false,
    problem: 'failed to get client: no program',
  });
  t.same(await connected(server({ status: 'cancelled', error: null, connection })), {
    ok: false,
    problem: 'failed to get client: it was ended',
  });
});
