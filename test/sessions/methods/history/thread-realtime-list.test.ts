import t from 'tap';
import { say } from '../../../fixtures/model-server.js';
import { scene } from '../../turn/support.js';

t.setTimeout(60_000);
const NONE = '01234567-89ab-7def-8123-456789abcdef';

t.test('the list of spoken items is empty, and says how far the history was read', async (t) => {
  const { daemon, threadId, turn } = await scene(t, {}, say('hello'));
  await turn('hi');
  const list = (more: object = {}) => daemon.call('thread/realtime/list', { threadId, ...more });
  const all = await list();
  t.match(all, { data: [], nextCursor: null, coverage: 'ready' });
  t.ok(all.snapshotEnd > 3);
  t.equal(all.projectedThroughItemIndex, all.snapshotEnd);
  t.match(await list({ eventId: 'e' }), { coverage: 'pending' });
  t.match(await list({ requiredThroughPosition: all.snapshotEnd }), { coverage: 'pending' });
  t.match(await list({ requiredThroughPosition: all.snapshotEnd - 1, limit: 500 }), { coverage: 'ready' });
  t.match(await list({ snapshotEnd: 1 }), { coverage: 'ready', snapshotEnd: 1 });
  t.match(await list({ snapshotEnd: 9999 }), { coverage: 'pending', snapshotEnd: 9999 });
  t.strictSame(await list({ threadId: NONE }), {
    data: [],
    nextCursor: null,
    snapshotEnd: 0,
    projectedThroughItemIndex: 0,
    coverage: 'unsupported',
  });
  const size = 'realtime page size must be between 1 and 500';
  await t.rejects(list({ limit: 0 }), { message: new RegExp(size) });
  await t.rejects(list({ limit: 501 }), { message: new RegExp(size) });
  await t.rejects(list({ fromObservedAtMs: 5, toObservedAtMs: 5 }), { message: /time range must be nonempty/ });
  await t.rejects(list({ cursor: 'x' }), { message: /invalid realtime cursor/ });
  await t.rejects(list({ threadId: 'x' }), { message: /invalid thread id: / });
});
