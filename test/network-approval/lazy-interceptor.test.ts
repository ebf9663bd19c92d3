/** The interceptor is created once, for the first command that needs it; a failure is not kept. */
import t from 'tap';
import type { Interceptor } from '../../server/network-approval/interception/index.js';
import { createLazyInterceptor } from '../../server/network-approval/lazy-interceptor.js';
import { createTrust } from '../../server/network-approval/proxy/upstream/trust.js';

const trust = createTrust({});

function counted(fails = 0) {
  const seen = { created: 0, closed: 0 };
  const create = async (home: string): Promise<Interceptor> => {
    if (++seen.created <= fails) throw new Error('no key can be made');
    return {
      makeFiles: () => ({ bundle: `${home}/bundle-${seen.created}.pem`, authority: `${home}/ca.pem` }),
      intercept: () => Promise.reject(new Error('no request is made here')),
      close() {
        seen.closed++;
      },
    };
  };
  return { seen, create };
}

t.test('without a home there is none', async (t) => {
  const { seen, create } = counted();
  const interceptor = createLazyInterceptor(undefined, trust, create);
  t.equal(await interceptor.ready(), null);
  await interceptor.close();
  t.strictSame(seen, { created: 0, closed: 0 });
});

t.test('commands that need it at the same time share one; it is closed once', async (t) => {
  const { seen, create } = counted();
  const interceptor = createLazyInterceptor('/home', trust, create);
  const ready = await Promise.all([interceptor.ready(), interceptor.ready()]);
  t.match(ready, [{ files: { bundle: '/home/bundle-1.pem' } }, { files: { bundle: '/home/bundle-1.pem' } }]);
  await interceptor.close();
  t.strictSame(seen, { created: 1, closed: 1 });
});

t.test('an error is the command’s, and the next command tries again', async (t) => {
  const { seen, create } = counted(1);
  const interceptor = createLazyInterceptor('/home', trust, create);
  await t.rejects(interceptor.ready(), { code: 'network.interception', message: /no key can be made/ });
  await interceptor.close();
  t.match(await interceptor.ready(), { files: { bundle: '/home/bundle-2.pem' } });
  t.equal(seen.created, 2);
});
