/** Work runs once at a time, and a call during a run gets a run that began after it. */
import t from 'tap';
import { joined } from '../../../server/system/node/joined.js';

/** Work that the test ends by hand. */
function byHand() {
  const open: { done(): void; fail(error: Error): void }[] = [];
  const run = joined(() => new Promise<void>((done, fail) => open.push({ done, fail })));
  return { open, run };
}

t.test('calls during a run share the next one', async (t) => {
  const { open, run } = byHand();
  const first = run();
  const [second, third] = [run(), run()];
  t.equal(second, third);
  t.equal(open.length, 1, 'one at a time');
  open[0]?.done();
  await first;
  await new Promise(setImmediate);
  t.equal(open.length, 2);
  open[1]?.done();
  await second;
  const fourth = run();
  t.equal(open.length, 3);
  open[2]?.done();
  await fourth;
});

t.test('an error is that of its own run', async (t) => {
  const { open, run } = byHand();
  const first = run();
  const second = run();
  open[0]?.fail(new Error('no disk'));
  await t.rejects(first, { message: 'no disk' });
  await new Promise(setImmediate);
  open[1]?.done();
  await second;
});
