import t from 'tap';
import { lockFile } from '../../../server/system/darwin/lock-files.js';

/** flock(2), which is busy the first `busy` times. */
const system = (busy: number, otherwise = 0) => ({ lock: () => (busy-- > 0 ? 35 : otherwise) });

t.test('it waits for a lock that another has, as long as it may', async (t) => {
  t.equal(await lockFile(3, 0, system(0)), true);
  t.equal(await lockFile(3, 10_000, system(3)), true);
  t.equal(await lockFile(3, 0, system(1)), false);
  t.equal(await lockFile(3, 20, system(Infinity)), false);
});

t.test('any other error is its number', async (t) => {
  t.equal(await lockFile(3, 10_000, system(1, 45)), 45, 'ENOTSUP');
});
