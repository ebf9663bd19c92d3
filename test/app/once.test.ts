import t from 'tap';
import { once } from '../../server/app/once.js';

t.test('one instance is created at its first use, for all callers', async (t) => {
  let made = 0;
  const get = once(async () => ({ number: ++made }));
  t.notOk(get.begun());
  t.equal(get.made(), null);
  const first = get();
  t.ok(get.begun());
  t.equal(get.made(), null, 'not there yet');
  t.equal(await first, await get());
  t.same(get.made(), { number: 1 });
  t.equal(made, 1);
});

t.test('a value that cannot be created is tried again, and is missing', async (t) => {
  let asked = 0;
  const get = once<string>(() => {
    asked++;
    return Promise.reject(new Error('no'));
  });
  await t.rejects(get(), { message: 'no' });
  await t.rejects(get(), { message: 'no' });
  t.equal(asked, 1);
  t.ok(get.begun());
  t.equal(get.made(), null);
});
