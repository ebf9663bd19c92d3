import t from 'tap';
import { createResolvers, type ResolverOptions } from '../../../server/network-approval/decide/resolve.js';

const createResolver = (options: ResolverOptions = {}) =>
  createResolvers(options)('owner', new AbortController().signal);

t.test('one lookup serves all waiting requests, and for a moment later ones', async (t) => {
  let lookups = 0;
  const { resolve } = createResolver({ lookup: async () => [`10.0.0.${++lookups}`] });
  t.strictSame(await Promise.all([resolve('a.test'), resolve('a.test')]), [['10.0.0.1'], ['10.0.0.1']]);
  t.strictSame(await resolve('a.test'), ['10.0.0.1']);
  t.strictSame(await resolve('b.test'), ['10.0.0.2'], 'another name is another lookup');
});

t.test('an answer is not stored for longer than that', async (t) => {
  let lookups = 0;
  const { resolve } = createResolver({ reuseMs: 0, lookup: async () => [`10.0.0.${++lookups}`] });
  t.strictSame(await resolve('a.test'), ['10.0.0.1']);
  t.strictSame(await resolve('a.test'), ['10.0.0.2']);
});

t.test('a failure is not stored', async (t) => {
  let lookups = 0;
  const { resolve } = createResolver({
    lookup: async () => {
      if (++lookups === 1) throw new Error('SERVFAIL');
      return ['10.0.0.1'];
    },
  });
  await t.rejects(resolve('a.test'), { message: 'SERVFAIL' });
  t.strictSame(await resolve('a.test'), ['10.0.0.1']);
});

t.test('case 23: a resolver that never answers is a failure with a reason', async (t) => {
  const { resolve } = createResolver({ timeoutMs: 20, lookup: () => new Promise(() => {}) });
  await t.rejects(resolve('a.test'), { message: 'no answer within 20 ms' });
});

t.test('a name without an address is a failure', async (t) => {
  await t.rejects(createResolver({ lookup: async () => [] }).resolve('a.test'), { message: 'the name has no address' });
});

t.test('the number of names for which one command waits is limited', async (t) => {
  const { resolve } = createResolver({ timeoutMs: 20, lookup: () => new Promise(() => {}) });
  const many = Array.from({ length: 300 }, (_, i) => resolve(`h${i}.test`));
  for (const waiting of many) waiting.catch(() => {});
  const refused = await Promise.allSettled(many.slice(256));
  const reasons = refused.map((result) => (result.status === 'rejected' ? String(result.reason) : 'answered'));
  t.equal(reasons.filter((reason) => /more than 256 lookups/.test(reason)).length, 44);
  const [first = resolve('h.test')] = many;
  await t.rejects(first, { message: 'no answer within 20 ms' });
});

t.test('the default uses the system: the hosts file counts', async (t) => {
  const addresses = await createResolver().resolve('localhost');
  t.ok(addresses.includes('127.0.0.1') || addresses.includes('::1'), addresses.join());
});
