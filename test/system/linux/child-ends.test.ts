import t from 'tap';
import { createChildEnds } from '../../../server/system/linux/child-ends.js';
import type { SpawnEnd } from '../../../server/system/linux/posix-spawn.js';

if (process.platform !== 'linux') t.bailout('these are signals of Linux');

const ENDED: SpawnEnd = { code: 0, signal: null };

t.test('one signal tells of several ends, and only of what has ended', async (t) => {
  const over = new Map<number, SpawnEnd>();
  const asked: number[] = [];
  const ends = createChildEnds((pid) => (asked.push(pid), over.get(pid) ?? null));
  const [one, two, three] = [ends.watch(1), ends.watch(2), ends.watch(3)];
  over.set(1, ENDED).set(3, { code: null, signal: 'SIGKILL' });
  t.equal(one.end, null, 'nobody has looked');
  process.emit('SIGCHLD');
  t.same(await one.ended, ENDED);
  t.same(await three.ended, { code: null, signal: 'SIGKILL' });
  t.same([one.end, two.end, three.end], [ENDED, null, { code: null, signal: 'SIGKILL' }]);
  asked.length = 0;
  over.set(2, ENDED);
  process.emit('SIGCHLD');
  t.same(await two.ended, ENDED);
  t.same(asked, [2], 'an end is collected once');
});

t.test('the signal of a child that ended before it was watched is not lost', async (t) => {
  const before = process.listenerCount('SIGCHLD');
  const over = new Map([[1, ENDED]]);
  const ends = createChildEnds((pid) => over.get(pid) ?? null);
  t.equal(process.listenerCount('SIGCHLD'), before + 1, 'it listens before there is a child');
  // The signal of a child that has ended is delivered in a later turn of the event loop than its start.
  const child = ends.watch(1);
  process.emit('SIGCHLD');
  t.same(await child.ended, ENDED);
});

t.test('a child keeps this process running, unless it must not', (t) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const over = new Map<number, SpawnEnd>();
  const ends = createChildEnds((pid) => over.get(pid) ?? null);
  const before = timers();
  const [one, two] = [ends.watch(1), ends.watch(2)];
  t.equal(timers(), before + 1);
  one.keepsRunning(false);
  t.equal(timers(), before + 1, 'the other still does');
  two.keepsRunning(false);
  t.equal(timers(), before);
  one.keepsRunning(true);
  t.equal(timers(), before + 1);
  over.set(1, ENDED);
  process.emit('SIGCHLD');
  t.equal(timers(), before);
  one.keepsRunning(true);
  t.equal(timers(), before, 'it has ended');
  t.end();
});
