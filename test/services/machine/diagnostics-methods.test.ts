import t from 'tap';
import type { Caller, RequestContext } from '../../../server/rpc/connection/caller.js';
import { diagnosticMethods } from '../../../server/services/machine/diagnostics-methods.js';
import { startDaemon } from '../../fixtures/daemon.js';

const context: RequestContext = { requestId: 1, afterAnswer: () => undefined };

t.test('gauges of 0 are left out', async (t) => {
  const methods = diagnosticMethods({ gauges: () => ({ one: 1, none: 0 }) });
  const answer = await methods['server/diagnostics']({}, {} as Caller, context);
  t.strictSame(answer.gauges, [{ name: 'one', value: 1 }]);
  t.equal(answer.process.id, process.pid);
});

t.test('a daemon tells its process, and the request that it answers', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const { process: itself, gauges } = await client.request('server/diagnostics', {});
  t.equal(itself.id, daemon.process.pid);
  t.ok((itself.residentMemoryBytes ?? 0) > 1_000_000, String(itself.residentMemoryBytes));
  t.strictSame(gauges, [{ name: 'app.requests.in_flight', value: 1 }]);
  t.strictSame(await client.request('mock/experimentalMethod', { value: 'x' }), { echoed: 'x' });
  t.strictSame(await client.request('mock/experimentalMethod', {}), { echoed: null });
  const plain = await daemon.connect({ experimentalApi: false });
  await t.rejects(plain.request('server/diagnostics', {}), {
    code: -32600,
    message: 'server/diagnostics requires experimentalApi capability',
  });
});
