import t from 'tap';
import { createSessions, MOST_OF_A_CONNECTION } from '../../server/file-search/search-sessions.js';
import type { Found, Searcher } from '../../server/file-search/searcher.js';
import { fakeCaller } from '../exec/support/fakes.js';
import { until } from '../fixtures/until.js';

function fakeSearcher() {
  const open: { found: Found; queries: string[]; closed: boolean }[] = [];
  const searcher: Searcher = {
    open(_roots, _query, found) {
      const search = { found, queries: [] as string[], closed: false };
      open.push(search);
      return { query: (text) => void search.queries.push(text), close: () => void (search.closed = true) };
    },
  };
  return { searcher, open };
}

t.test('results go to the client for its latest query, the last ones with the completion', async (t) => {
  const { searcher, open } = fakeSearcher();
  const sessions = createSessions(searcher);
  const caller = fakeCaller();
  sessions.start('s', [], caller);
  sessions.update('s', 'a', caller);
  sessions.update('s', 'ab', caller);
  t.same(open[0]?.queries, ['a', 'ab']);
  open[0]?.found.onFound({ id: 1, query: 'a', files: [], complete: true });
  open[0]?.found.onFound({ id: 1, query: 'ab', files: [], complete: true });
  await until(() => caller.notes.length === 2, 'both notifications come');
  t.same(caller.notes, [
    { method: 'fuzzyFileSearch/sessionUpdated', params: { sessionId: 's', query: 'ab', files: [] } },
    { method: 'fuzzyFileSearch/sessionCompleted', params: { sessionId: 's' } },
  ]);
});

t.test('a session ends when it is stopped, replaced, or left, and when nobody searches any more', async (t) => {
  const { searcher, open } = fakeSearcher();
  const sessions = createSessions(searcher);
  const caller = fakeCaller();
  const gone = { rpcCode: -32600, message: 'fuzzy file search session not found: s' };
  sessions.start('s', [], caller);
  t.throws(() => sessions.update('s', 'x', fakeCaller()), gone, 'it belongs to its connection');
  sessions.start('s', [], caller);
  t.ok(open[0]?.closed);
  sessions.stop('s', caller);
  sessions.stop('s', caller);
  t.ok(open[1]?.closed);
  t.throws(() => sessions.update('s', 'x', caller), gone);
  sessions.start('s', [], caller);
  open[2]?.found.onEnd('a fault');
  t.throws(() => sessions.update('s', 'x', caller), gone);
  sessions.start('s', [], caller);
  caller.close();
  t.ok(open[3]?.closed);
});

t.test('sessions are bounded, and the error names the way out', async (t) => {
  const { searcher } = fakeSearcher();
  const sessions = createSessions(searcher);
  const caller = fakeCaller();
  for (let at = 0; at < MOST_OF_A_CONNECTION; at++) sessions.start(`${at}`, [], caller);
  t.throws(() => sessions.start('more', [], caller), { rpcCode: -32600, message: /sessionStop/ });
  sessions.start('0', [], caller);
  sessions.stop('1', caller);
  sessions.start('more', [], caller);
});
