/** Streams and cancels of searches; what a search finds is in test/sessions/catalog/facts.test.ts. */
import t from 'tap';
import type { RequestContext } from '../../../server/rpc/connection/caller.js';
import { searchMethods } from '../../../server/sessions/methods/search.js';
import { fakeCaller, type FakeCaller } from '../../exec/support/fakes.js';
import { context, depsOf, meta, openCatalog, put, uid, user } from '../catalog/support.js';

const ASKED = {
  includeAttachedThreads: false,
  currentAccountOnly: false,
  archived: null,
  sourceKinds: null,
  sortKey: null,
  sortDirection: null,
  limit: null,
  cursor: null,
};
const withId = (requestId: RequestContext['requestId']): RequestContext => ({ ...context, requestId });

t.test('a streamed search tells each thread of the page before it answers', async (t) => {
  const home = t.testdir();
  for (const n of [1, 2, 3]) put(home, n, [meta(n), user(`needle ${n}`)]);
  const catalog = openCatalog(home);
  t.teardown(() => catalog.close());
  const methods = searchMethods(depsOf(home, catalog));
  const one = fakeCaller();
  const params = { ...ASKED, searchTerm: 'needle', limit: 2 };
  const answer = await methods['thread/search/stream'](params, one, withId('s'));
  const ids = answer.data.map(({ thread }) => thread.id);
  t.same(ids, [uid(3), uid(2)]);
  t.same(
    one.notes.map(({ method, params }) => [method, params]),
    answer.data.map((row) => ['thread/search/partial', { requestId: 's', data: [row] }]),
  );
  t.same(await methods['thread/search'](params, one, withId(2)), answer);
  t.equal(one.notes.length, 2, 'a plain search tells nothing');
});

t.test('terms that are refused', async (t) => {
  const catalog = openCatalog(t.testdir());
  t.teardown(() => catalog.close());
  const methods = searchMethods(depsOf(t.testdirName, catalog));
  const stream = async (searchTerm: string) =>
    methods['thread/search/stream']({ ...ASKED, searchTerm }, fakeCaller(), withId(1));
  await t.rejects(stream(' '), { rpcCode: -32600, message: 'thread/search requires a non-empty searchTerm' });
  const longest = 'ä'.repeat(32_768);
  t.same((await stream(` ${longest} `)).data, []);
  await t.rejects(stream(`${longest}a`), {
    rpcCode: -32602,
    message: 'thread/search/stream searchTerm exceeds 65536 UTF-8 bytes',
  });
});

t.test('a cancel ends the one search that it names', async (t) => {
  const home = t.testdir();
  for (let n = 1; n <= 30; n++) put(home, n, [meta(n), user(`needle ${n} ${'x'.repeat(100_000)}`)]);
  const catalog = openCatalog(home);
  t.teardown(() => catalog.close());
  const methods = searchMethods(depsOf(home, catalog));
  const [one, two] = [fakeCaller(), fakeCaller()];
  const params = { ...ASKED, searchTerm: 'no such word' };
  const start = (from: FakeCaller, id: RequestContext['requestId'], method: 'thread/search' | 'thread/search/stream') =>
    Promise.resolve(methods[method](params, from, withId(id))).then(
      () => 'answered',
      (error: Error) => error.message,
    );
  const running = {
    named: start(one, 1, 'thread/search'),
    otherId: start(one, '1', 'thread/search'),
    otherMethod: start(one, 1, 'thread/search/stream'),
    otherConnection: start(two, 1, 'thread/search'),
  };
  t.same(methods['thread/search/cancel']({ requestId: 1 }, one, withId(9)), {});
  t.same(methods['thread/search/cancel']({ requestId: 77 }, one, withId(9)), {}, 'an unknown one');
  t.equal(await running.named, 'thread search cancelled');
  t.equal(await running.otherId, 'answered');
  t.equal(await running.otherMethod, 'answered');
  t.equal(await running.otherConnection, 'answered');

  const streamed = start(one, 5, 'thread/search/stream');
  await methods['thread/search/stream/cancel']({ requestId: 5 }, one, withId(9));
  t.equal(await streamed, 'thread search cancelled');
  const left = start(two, 6, 'thread/search');
  two.close();
  t.equal(await left, 'thread search cancelled', 'a connection that ends ends its searches');
});
