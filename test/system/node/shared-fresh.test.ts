import t from 'tap';
import { until } from '../../fixtures/until.js';
import { sharedFresh } from '../../../server/system/node/shared-fresh.js';

t.test('everybody gets a run that began after the question, and runs do not overlap', async (t) => {
  let begun = 0;
  let finish = (): void => {};
  const ask = sharedFresh(() => {
    const run = ++begun;
    return new Promise<number>((resolve) => (finish = () => resolve(run)));
  });
  const first = [ask(), ask()];
  await until(() => begun > 0, 'the first run');
  const during = [ask(), ask()];
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(begun, 1, 'the next run waits');
  finish();
  t.strictSame(await Promise.all(first), [1, 1]);
  await until(() => begun > 1, 'the second run');
  finish();
  t.strictSame(await Promise.all(during), [2, 2]);
  t.equal(begun, 2);
});

t.test('a failure is for its callers only', async (t) => {
  let runs = 0;
  const ask = sharedFresh(() => (++runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve('yes')));
  const failed = ask();
  const refused = t.rejects(failed, { message: 'no' });
  await until(() => runs > 0, 'the first run');
  const later = ask();
  await refused;
  t.equal(await later, 'yes');
});

t.test('those who ask in the turns before a run share it', async (t) => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let runs = 0;
  const ask = sharedFresh(() => Promise.resolve(++runs), 4);
  const asked: Promise<number>[] = [];
  for (let n = 0; n < 3; n++) {
    asked.push(ask());
    await turn();
    t.equal(runs, 0, 'it has not begun');
  }
  t.strictSame(await Promise.all(asked), [1, 1, 1]);
  t.equal(await ask(), 2, 'who asks later gets another one');
});
