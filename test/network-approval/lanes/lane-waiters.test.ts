/** The queue of waiting commands. */
import t from 'tap';
import { LaneWaiters } from '../../../server/network-approval/lanes/lane-waiters.js';
import type { LaneTurn } from '../../../server/network-approval/lanes/lane-turn.js';

const turn = (name: string): LaneTurn => ({ name }) as unknown as LaneTurn;
const all = (): boolean => true;

t.test('the first command that may have a lane gets it', async (t) => {
  const waiters = new LaneWaiters();
  const waits = ['a', 'b', 'a', 'c'].map((owner) => waiters.wait(owner));
  t.equal(
    waiters.next((owner) => owner === 'x'),
    undefined,
  );
  const next = waiters.next((owner) => owner !== 'a');
  t.equal(next?.owner, 'b');
  t.strictSame(waiters.owners(), ['a', 'a', 'c'], 'the others keep their order');
  next?.resolve(turn('one'));
  t.strictSame(await waits[1], turn('one'));
  waiters.next(all)?.resolve(turn('two'));
  t.strictSame(await waits[0], turn('two'));
});

t.test('an error goes to the command that waits longest, and to no other', async (t) => {
  const waiters = new LaneWaiters();
  const first = waiters.wait('a');
  const second = waiters.wait('b');
  t.equal(waiters.fail(new Error('no helper')), true);
  await t.rejects(first, { message: 'no helper' });
  t.strictSame(waiters.owners(), ['b']);
  waiters.next(all)?.resolve(turn('one'));
  t.strictSame(await second, turn('one'));
  t.equal(waiters.fail(new Error('again')), false, 'no command waits');
});

t.test('a command that gives up leaves the queue, and only the queue', async (t) => {
  const waiters = new LaneWaiters();
  const over = new AbortController();
  const given = waiters.wait('a', over.signal);
  const waiting = waiters.wait('b', over.signal);
  waiters.next(all)?.resolve(turn('one'));
  over.abort(new Error('interrupted'));
  await t.rejects(waiting, { message: 'interrupted' });
  t.strictSame(await given, turn('one'), 'it has its lane');
  await t.rejects(waiters.wait('c', over.signal), { message: 'interrupted' }, 'it never waits');
  t.strictSame(waiters.owners(), []);
});
