/** fuzzyFileSearch in a large tree, as a person types. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '../../clients/typescript/index.js';
import { writeFiles } from '../load/files.js';
import { timed, type Measure, type Sampler } from '../measure.js';
import { descendants, memoryOfNew } from '../process-memory.js';
import { makePlace, start, startAt, type Target } from '../targets.js';

const COUNT = 200_000;
/** What a person types, one key after the other. */
const KEYS = ['p', 'pa', 'par', 'pars', 'parse', 'parser', 'parser-', 'm', 'ma', 'mai', 'main', 'e', 'ee', 'ts', 'x'];

/** One tree for all measures of a run. */
let tree: string | null = null;
function sharedTree(): string {
  if (tree !== null) return tree;
  const made = mkdtempSync(path.join(process.env['CODEXD_BENCH_HOME'] ?? '/var/tmp', 'codexd-bench-tree-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  writeFiles(made, COUNT);
  return (tree = made);
}

/**
 * From the start of a session to its first results: the tree is not walked yet. The requests and the thread that
 * searches take their turns; a person does not see the difference.
 */
export const searchFirst: Measure = {
  name: 'search-first',
  title: `file search, first results of ${COUNT} files`,
  unit: 'ms',
  budget: { atMost: 4 },
  rounds: 10,
  warmUp: 2,
  prepare: (target) =>
    withClient(target, (client) => ({
      sample: () => timed(() => startSession(client, 'first', 'pars', 'first results')),
      after: () => client.request('fuzzyFileSearch/sessionStop', { sessionId: 'first' }),
    })),
};

/** One query for itself: the whole tree is walked for it. */
export const searchOnce: Measure = {
  name: 'search-once',
  title: `file search, one query in ${COUNT} files`,
  unit: 'ms',
  budget: { atMost: 1 },
  rounds: 5,
  warmUp: 1,
  prepare: (target) =>
    withClient(target, (client) => ({
      sample: () =>
        timed(async () => {
          const { files } = await client.request('fuzzyFileSearch', { query: 'parser', roots: [sharedTree()] });
          if (files.length !== 50) throw new Error(`${files.length} results instead of 50`);
        }),
    })),
};

/** From a key press to the first results for it, in a session whose tree is walked. */
export const searchKey: Measure = {
  name: 'search-key',
  title: `file search, a key press in ${COUNT} files`,
  unit: 'ms',
  budget: { atMost: 0.3 },
  rounds: KEYS.length * 3,
  warmUp: KEYS.length,
  prepare: (target) =>
    withClient(target, async (client) => {
      await startSession(client, 'keys', 'parser', 'all results');
      let typed = 0;
      return { sample: () => timed(() => ask(client, 'keys', KEYS[typed++ % KEYS.length]!, 'first results')) };
    }),
};

/** Of the program, with a session that has walked the tree. */
export const searchMemory: Measure = {
  name: 'search-memory',
  title: `memory with a session of ${COUNT} files`,
  unit: 'MiB',
  budget: { atMost: 1.5 },
  rounds: 3,
  warmUp: 0,
  prepare: (target) =>
    Promise.resolve({
      sample: async () => {
        const place = makePlace(target, 'plain');
        const before = new Set(descendants(process.pid));
        const client = await start(target, place);
        try {
          await startSession(client, 'memory', 'parser', 'all results');
          return memoryOfNew(before, 'VmRSS');
        } finally {
          await client.close();
          place.remove();
        }
      },
      close: () => Promise.resolve(),
    }),
};

interface Searching {
  sample(): Promise<number>;
  after?(): Promise<unknown>;
}

async function withClient(target: Target, use: (client: Client) => Searching | Promise<Searching>): Promise<Sampler> {
  sharedTree();
  const { client, close } = await startAt(target, 'plain');
  const { sample, after } = await use(client);
  return {
    sample: async () => {
      const value = await sample();
      await after?.();
      return value;
    },
    close,
  };
}

type Wanted = 'first results' | 'all results';

async function startSession(client: Client, sessionId: string, query: string, wanted: Wanted): Promise<void> {
  await client.request('fuzzyFileSearch/sessionStart', { sessionId, roots: [sharedTree()] });
  await ask(client, sessionId, query, wanted);
}

/** `first results`: the first notification for the query that has some. */
async function ask(client: Client, sessionId: string, query: string, wanted: Wanted): Promise<void> {
  const answered = new Promise<void>((resolve) => {
    let hasResults = false;
    const offUpdated = client.onNotification('fuzzyFileSearch/sessionUpdated', (params) => {
      if (params.sessionId !== sessionId || params.query !== query || params.files.length === 0) return;
      hasResults = true;
      if (wanted === 'first results') done();
    });
    const offCompleted = client.onNotification('fuzzyFileSearch/sessionCompleted', (params) => {
      if (params.sessionId === sessionId && hasResults) done();
    });
    const done = (): void => {
      offUpdated();
      offCompleted();
      resolve();
    };
  });
  await client.request('fuzzyFileSearch/sessionUpdate', { sessionId, query });
  await answered;
}
