import t from 'tap';
import { countdown } from '../../../server/exec/end/expiration.js';

t.test('an expiry comes once, and not after it was stopped', async (t) => {
  let expired = 0;
  await new Promise<void>((resolve) => countdown(1, () => resolve(void expired++)));
  const { stop, resume } = countdown(1, () => expired++);
  stop();
  resume();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(expired, 1);
});

t.test('an expiry in centuries does not come now', async (t) => {
  // setTimeout fires at once for more than 31 bits.
  let expired = false;
  const { stop } = countdown(Number.MAX_SAFE_INTEGER, () => (expired = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  t.notOk(expired);
});

t.test('no timeout sets no clock', async (t) => {
  const { pause, resume, stop } = countdown(null, () => t.fail('expired'));
  for (const act of [pause, resume, stop]) t.doesNotThrow(act);
});

t.test('a clock that stands still does not run down, and goes on where it stood', async (t) => {
  let expired = 0;
  const { pause, resume } = countdown(30, () => expired++);
  pause();
  pause();
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.equal(expired, 0);
  resume();
  resume();
  while (expired === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  resume();
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.equal(expired, 1, 'once');
});
