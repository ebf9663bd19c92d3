import t from 'tap';
import { createLargeReads } from '../../server/client-files/large-reads.js';
import { fakeCaller } from '../exec/support/fakes.js';

t.test('files get places up to the limit, in order, and give them back once', async (t) => {
  const reads = createLargeReads({ bytes: 100, waitMs: 60_000 });
  const started: number[] = [];
  const enter = async (size: number): Promise<() => void> => {
    const leave = await reads.enter(size, fakeCaller());
    started.push(size);
    return leave;
  };
  const first = await enter(60);
  const second = await enter(40);
  const [third, fourth] = [enter(61), enter(1)];
  second();
  second();
  t.same(started, [60, 40], 'the small one does not overtake');
  first();
  const leaveThird = await third;
  const leaveFourth = await fourth;
  t.same(started, [60, 40, 61, 1]);
  leaveThird();
  leaveFourth();
  const huge = await enter(1000);
  huge();
  t.equal(started.at(-1), 1000, 'alone, a larger one has a place, too');
});

t.test('one file of a connection has a place, when the client has read what came before', async (t) => {
  const reads = createLargeReads();
  const caller = fakeCaller();
  const leave = await reads.enter(1, caller);
  let isStarted = false;
  const next = reads.enter(1, caller).then((leaveNext) => {
    isStarted = true;
    return leaveNext;
  });
  (await reads.enter(1, fakeCaller()))();
  t.notOk(isStarted);
  caller.reads = false;
  leave();
  (await reads.enter(1, fakeCaller()))();
  t.notOk(isStarted);
  caller.reads = true;
  (await next)();
});

t.test('who waits too long gets an error, and those behind continue', async (t) => {
  // The limit of the wait keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  const reads = createLargeReads({ bytes: 100, waitMs: 20 });
  await reads.enter(90, fakeCaller());
  const refused = reads.enter(20, fakeCaller());
  const behind = reads.enter(10, fakeCaller());
  await t.rejects(refused, {
    rpcCode: -32603,
    message:
      'fs/readFile: 90 bytes of large files are on their way to clients, and there is no room for 20 more; ' +
      'try again when they have been read',
  });
  (await behind)();
});

t.test('a connection that has ended gets no place', async (t) => {
  const reads = createLargeReads();
  const caller = fakeCaller();
  caller.close();
  await t.rejects(reads.enter(1, caller), { name: 'AbortError' });
});
