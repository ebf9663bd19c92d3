import path from 'node:path';
import t from 'tap';
import { withFileLock } from '../../../server/system/files/with-file-lock.js';

t.test('work under a lock runs one after the other, and its end releases the lock', async (t) => {
  const file = path.join(t.testdir({}), 'a.lock');
  const order: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} ends`);
    return name;
  };
  t.same(await Promise.all([withFileLock(file, work('a')), withFileLock(file, work('b'))]), ['a', 'b']);
  t.equal(order[0]?.split(' ')[0], order[1]?.split(' ')[0], 'nobody else is in between');
  await t.rejects(
    withFileLock(file, () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  );
  t.equal(await withFileLock(file, () => 'free'), 'free');
});
