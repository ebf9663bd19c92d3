import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { until } from '../fixtures/until.js';

t.setTimeout(120_000);

t.test('over a connection: a search, its roots, and its token', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  for (const name of ['abc', 'sub/abce']) {
    fs.mkdirSync(path.dirname(path.join(daemon.work, name)), { recursive: true });
    fs.writeFileSync(path.join(daemon.work, name), '');
  }
  const search = async (query: string, roots: string[], cancellationToken: string | null = null) =>
    (await client.request('fuzzyFileSearch', { query, roots, cancellationToken })).files;
  t.same(await search('abe', [daemon.work]), [
    {
      root: daemon.work,
      path: 'sub/abce',
      match_type: 'file',
      file_name: 'abce',
      score: 65_608,
      indices: [4, 5, 7],
    },
  ]);
  t.match(await search('abc', ['./sub/', 'sub']), [{ root: './sub/', path: 'abce' }]);
  t.same(await search('', [daemon.work]), []);
  t.same(await search('abc', []), []);
  t.same(await search('abc', ['/nonexistent']), []);
  const both = await Promise.all([search('abc', [daemon.work], 't'), search('abce', [daemon.work], 't')]);
  t.same(both[0], [], 'the earlier one is ended');
  t.match(both[1], [{ path: 'sub/abce' }]);
});

t.test('over a connection: a session', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  fs.writeFileSync(path.join(daemon.work, 'alpha.txt'), '');
  const paths: string[][] = [];
  let completed = 0;
  client.onNotification('fuzzyFileSearch/sessionUpdated', ({ query, files }) => {
    if (query === 'alp') paths.push(files.map((file) => file.path));
  });
  client.onNotification('fuzzyFileSearch/sessionCompleted', () => void completed++);
  const sessionId = 's';
  t.same(await client.request('fuzzyFileSearch/sessionStart', { sessionId, roots: [daemon.work] }), {});
  await until(() => completed === 1, 'the tree is walked');
  t.same(await client.request('fuzzyFileSearch/sessionUpdate', { sessionId, query: 'alp' }), {});
  await until(() => completed === 2, 'the query is complete');
  t.same(paths.at(-1), ['alpha.txt']);
  t.same(await client.request('fuzzyFileSearch/sessionStop', { sessionId }), {});
  await t.rejects(client.request('fuzzyFileSearch/sessionUpdate', { sessionId, query: 'a' }), {
    message: 'fuzzy file search session not found: s',
  });
});
