import t from 'tap';
import { sharedInTurn } from '../../../server/system/node/shared-in-turn.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('who asks in one turn shares the work, across promises too; the next turn has its own', async (t) => {
  let made = 0;
  const ask = sharedInTurn(() => Promise.resolve(++made));
  const [a, b] = [ask(), ask()];
  await Promise.resolve();
  t.strictSame(await Promise.all([a, b, ask()]), [1, 1, 1]);
  await nextTurn();
  t.equal(await ask(), 2);
});

t.test('a failure is shared as well, and is not kept', async (t) => {
  let fails = true;
  const ask = sharedInTurn(() => (fails ? Promise.reject(new Error('no')) : Promise.resolve('yes')));
  await t.rejects(ask(), { message: 'no' });
  fails = false;
  await t.rejects(ask(), { message: 'no' });
  await nextTurn();
  t.equal(await ask(), 'yes');
});
