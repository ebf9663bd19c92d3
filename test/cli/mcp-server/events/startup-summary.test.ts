import t from 'tap';
import { createStartupSummary } from '../../../../server/cli/mcp-server/events/startup-summary.js';

const at = (name: string, status: 'starting' | 'ready' | 'failed' | 'cancelled', error: string | null = null) => ({
  threadId: 't',
  name,
  environmentId: null,
  status,
  error,
  failureReason: null,
});

t.test('it is due once: when all servers are known and none starts any more', async (t) => {
  const summary = createStartupSummary();
  t.equal(summary.update(at('a', 'starting')), null);
  t.equal(summary.update(at('a', 'ready')), null, 'there may be more servers');
  t.equal(summary.update(at('b', 'starting')), null);
  t.equal(summary.known(), null);
  t.same(summary.update(at('b', 'failed', 'why')), {
    type: 'mcp_startup_complete',
    ready: ['a'],
    failed: [{ server: 'b', error: 'why' }],
    cancelled: [],
  });
  t.equal(summary.update(at('b', 'ready')), null);
  t.equal(summary.known(), null);
});

t.test('without servers it is due at once', async (t) => {
  t.match(createStartupSummary().known(), { ready: [], failed: [], cancelled: [] });
});
