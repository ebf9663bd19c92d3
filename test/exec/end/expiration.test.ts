import t from 'tap';
import { countdown } from '../../../server/exec/end/expiration.js';
import { elapse, until } from '../../fixtures/until.js';

t.test('a time limit expires once, and not after it was stopped', async (t) => {
  let expired = 0;
  await new Promise<void>((resolve) => countdown(1, () => resolve(void expired++)));
  const { stop, resume } = countdown(1, () => expired++);
  stop();
  resume();
  await elapse(20, 'a second expiry would come after 1 ms');
  t.equal(expired, 1);
});

t.test('a limit of centuries does not expire now', async (t) => {
  // setTimeout fires at once for more than 31 bits.
  let expired = false;
  const { stop } = countdown(Number.MAX_SAFE_INTEGER, () => (expired = true));
  await elapse(20, 'a timer that is too long fires at once');
  stop();
  t.notOk(expired);
});

t.test('without a timeout no timer runs', async (t) => {
  const { pause, resume, stop } = countdown(null, () => t.fail('expired'));
  for (const act of [pause, resume, stop]) t.doesNotThrow(act);
});

t.test('a paused clock does not run, and continues from its time', async (t) => {
  let expired = 0;
  const { pause, resume } = countdown(30, () => expired++);
  pause();
  pause();
  await elapse(60, 'twice the time of the clock');
  t.equal(expired, 0);
  resume();
  resume();
  await until(() => expired > 0, 'the expiry');
  resume();
  await elapse(60, 'a second expiry would come after 30 ms');
  t.equal(expired, 1, 'once');
});
