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
  const ask = sharedFresh(() => Promise.resolve(++runs), { quietTurns: 4 });
  const asked: Promise<number>[] = [];
  for (let n = 0; n < 3; n++) {
    asked.push(ask());
    await turn();
    t.equal(runs, 0, 'it has not begun');
  }
  t.strictSame(await Promise.all(asked), [1, 1, 1]);
  t.equal(await ask(), 2, 'who asks later gets another one');
});

t.test('new callers put a run off, but not for longer than is said', async (t) => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let runs = 0;
  const ask = sharedFresh(() => Promise.resolve(++runs), { quietTurns: 2, mostMs: 60_000 });
  const asked: Promise<number>[] = [];
  for (let n = 0; n < 20; n++) {
    asked.push(ask());
    await turn();
  }
  t.equal(runs, 0, 'somebody has asked in each turn');
  t.strictSame(new Set(await Promise.all(asked)), new Set([1]));

  const hasty = sharedFresh(() => Promise.resolve(++runs), { quietTurns: 2, mostMs: 1 });
  const until = performance.now() + 5_000;
  let isAnswered = false;
  void hasty().then(() => (isAnswered = true));
  while (!isAnswered && performance.now() < until) {
    void hasty();
    await turn();
  }
  t.ok(isAnswered, 'although somebody asks in every turn');
});

t.test('runs rest: who asks soon after one has begun shares one that begins later', async (t) => {
  const begun: number[] = [];
  const ask = sharedFresh(() => Promise.resolve(begun.push(performance.now())), { restMs: 30 });
  t.equal(await ask(), 1);
  const [a, b, c] = await Promise.all([ask(), ask(), ask()]);
  t.strictSame([a, b, c], [2, 2, 2]);
  t.ok((begun[1] ?? 0) - (begun[0] ?? 0) >= 29, 'a timer may be a millisecond early');
});
