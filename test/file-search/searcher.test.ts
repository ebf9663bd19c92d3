import t from 'tap';
import { silentLogger } from '../../server/log/log.js';
import { createSearcher } from '../../server/file-search/searcher.js';
import type { FromSearcher } from '../../server/file-search/search-messages.js';
import { until } from '../fixtures/until.js';

// The thread is dist/file-search.cjs: build before.
t.test('the thread starts with a search, ends when it is idle, and starts again', async (t) => {
  const place = t.testdir({ alpha: '', beta: '' });
  const searcher = createSearcher({ env: {}, log: silentLogger, idleMs: 1 });
  for (const query of ['alp', 'bet']) {
    const found: FromSearcher[] = [];
    searcher.open([{ given: 'R', place }], query, { onFound: (one) => found.push(one), onEnd: (why) => t.fail(why) });
    await until(() => found.length > 0, 'the search answers');
    t.match(found, [{ query, complete: true, files: [{ root: 'R', score: Number }] }]);
  }
});

t.test('a search that was closed does not answer', async (t) => {
  const place = t.testdir({ alpha: '' });
  const searcher = createSearcher({ env: {}, log: silentLogger });
  const seen: string[] = [];
  const open = (query: string) =>
    searcher.open([{ given: 'R', place }], query, { onFound: () => seen.push(query), onEnd: () => seen.push('end') });
  open('a').close();
  open('b');
  await until(() => seen.length > 0, 'the other search answers');
  t.same(seen, ['b']);
});
