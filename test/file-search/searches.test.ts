import path from 'node:path';
import t, { type Test } from 'tap';
import { createSearches } from '../../server/file-search/searches.js';
import type { FromSearcher, Root, ToSearcher } from '../../server/file-search/search-messages.js';
import { until } from '../fixtures/until.js';

function searching(t: Test, mostEntries = 1e6) {
  const sent: FromSearcher[] = [];
  const place = t.testdir({ alpha: '', beta: '', d: { alphabet: '' } });
  const send = (message: FromSearcher): void => void sent.push(message);
  const receive = createSearches({ send, env: {}, mostEntries, later: (work) => void setImmediate(work) });
  const roots: Root[] = [{ given: 'R', place }];
  const complete = (id: number, query: string) => () =>
    sent.some((one) => one.id === id && one.query === query && one.complete);
  return { sent, receive: (message: ToSearcher) => receive(message), roots, complete };
}

t.test('a search answers once, when the tree is walked', async (t) => {
  const { sent, receive, roots, complete } = searching(t);
  receive({ type: 'open', id: 1, roots, query: 'alp' });
  await until(complete(1, 'alp'), 'the search is complete');
  t.match(sent, [{ id: 1, files: [{ root: 'R', path: 'alpha' }, { path: path.posix.join('d', 'alphabet') }] }]);
});

t.test('a session answers each query, and the empty one with nothing', async (t) => {
  const { sent, receive, roots, complete } = searching(t);
  receive({ type: 'open', id: 7, roots, query: null });
  await until(complete(7, ''), 'the tree is walked');
  for (const query of ['b', 'be', 'bet', 'x', '', 'alphabet']) {
    receive({ type: 'query', id: 7, query });
    await until(complete(7, query), `${query} is complete`);
  }
  const last = (query: string) => sent.findLast((one) => one.query === query)?.files.map((file) => file.path);
  t.same([last('bet'), last('x'), last('')], [['beta', 'd/alphabet'], [], []]);
  receive({ type: 'close', id: 7 });
  receive({ type: 'query', id: 7, query: 'late' });
});

t.test('trees end at a number of entries of all searches together', async (t) => {
  const { receive, roots, complete, sent } = searching(t, 2);
  receive({ type: 'open', id: 1, roots, query: null });
  await until(complete(1, ''), 'the first tree ends');
  receive({ type: 'open', id: 2, roots, query: 'alphabet' });
  await until(complete(2, 'alphabet'), 'the second tree ends');
  t.same(sent.at(-1)?.files, []);
});
