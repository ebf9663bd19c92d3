import t from 'tap';
import { expireAfter } from '../../server/exec/expiration.js';

t.test('an expiry comes once, and not after it was stopped', async (t) => {
  let expired = 0;
  await new Promise<void>((resolve) => expireAfter(1, () => resolve(void expired++)));
  const stop = expireAfter(1, () => expired++);
  stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(expired, 1);
});

t.test('an expiry in centuries does not come now', async (t) => {
  // setTimeout itself fires at once for more than 31 bits.
  let expired = false;
  const stop = expireAfter(Number.MAX_SAFE_INTEGER, () => (expired = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  t.notOk(expired);
});

t.test('no timeout sets no clock', async (t) => {
  t.doesNotThrow(expireAfter(null, () => t.fail('expired')));
});
