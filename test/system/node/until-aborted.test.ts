import { getEventListeners } from 'node:events';
import t from 'tap';
import { untilAborted } from '../../../server/system/node/until-aborted.js';

t.test('the result and the failure of the work pass through, and no listener stays', async (t) => {
  const { signal } = new AbortController();
  t.equal(await untilAborted(Promise.resolve(1), signal), 1);
  const failure = new Error('the work failed');
  await t.rejects(untilAborted(Promise.reject(failure), signal), failure);
  t.same(getEventListeners(signal, 'abort'), []);
});

t.test('an abort ends the waiting with its reason, before the work and during it', async (t) => {
  const controller = new AbortController();
  const reason = new Error('the turn was interrupted');
  const waiting = untilAborted(new Promise<never>(() => {}), controller.signal);
  controller.abort(reason);
  await t.rejects(waiting, reason);
  await t.rejects(untilAborted(Promise.resolve(1), controller.signal), reason);
  t.same(getEventListeners(controller.signal, 'abort'), []);
});
