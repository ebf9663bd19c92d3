import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import type { ToSearcher } from '../../server/file-search/search-messages.js';
import { packageRoot } from '../../server/package/package-root.js';

t.test('the built thread answers a search', async (t) => {
  const place = t.testdir({ alpha: '' });
  const worker = new Worker(path.join(packageRoot(), 'dist', 'file-search.cjs'), { workerData: {} });
  t.teardown(() => worker.terminate());
  worker.postMessage({ type: 'open', id: 3, roots: [{ given: 'R', place }], query: 'alpha' } satisfies ToSearcher);
  const [found] = (await once(worker, 'message')) as [unknown];
  t.match(found, { id: 3, query: 'alpha', complete: true, files: [{ root: 'R', path: 'alpha', match_type: 'file' }] });
});
