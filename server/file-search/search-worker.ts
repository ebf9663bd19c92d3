/** The thread that searches (docs/decisions/file-search.md). scripts/build.mjs makes dist/file-search.cjs of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { createSearches } from './searches.js';
import type { ToSearcher } from './search-messages.js';

/** About 400 MB. */
const MOST_ENTRIES = 4_000_000;

const receive = createSearches({
  send: (message) => parentPort?.postMessage(message),
  env: workerData as NodeJS.ProcessEnv,
  mostEntries: MOST_ENTRIES,
  later: (work) => void setImmediate(work),
});
parentPort?.on('message', (message: ToSearcher) => receive(message));
