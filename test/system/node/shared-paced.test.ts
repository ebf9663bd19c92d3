import t from 'tap';
import { sharedPaced } from '../../../server/system/node/shared-paced.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Longer than any test. */
const LONG = 60_000;

t.test('who asks in one turn shares the work, across promises too; the next turn has its own', async (t) => {
  let made = 0;
  const ask = sharedPaced(0, () => Promise.resolve(++made));
  const [a, b] = [ask(), ask()];
  await Promise.resolve();
  t.strictSame(await Promise.all([a, b, ask()]), [1, 1, 1]);
  await nextTurn();
  t.equal(await ask(), 2);
});

t.test('a failure is shared as well, and is not kept', async (t) => {
  let fails = true;
  const ask = sharedPaced(0, () => (fails ? Promise.reject(new Error('no')) : Promise.resolve('yes')));
  await t.rejects(ask(), { message: 'no' });
  fails = false;
  await t.rejects(ask(), { message: 'no' });
  await nextTurn();
  t.equal(await ask(), 'yes');
});

t.test('those who ask soon after a start share one that begins later', async (t) => {
  const starts: number[] = [];
  const ask = sharedPaced(30, () => Promise.resolve(starts.push(performance.now())));
  t.equal(await ask(), 1);
  await nextTurn();
  const early = ask();
  await nextTurn();
  const [a, b, c] = await Promise.all([early, ask(), ask()]);
  t.strictSame([a, b, c], [2, 2, 2]);
  t.ok((starts[1] ?? 0) - (starts[0] ?? 0) >= 29, 'a timer may be a millisecond early');
});

t.test('the first one never waits', async (t) => {
  const ask = sharedPaced(LONG, () => Promise.resolve('at once'));
  t.equal(await ask(), 'at once');
});
