/**
 * The daemon's side of the thread that searches: it starts with the first search, and ends when nobody has searched for
 * a while.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe } from '../errors/describe.js';
import type { Logger } from '../log/log.js';
import { packageRoot } from '../package/package-root.js';
import { ENVIRONMENT, type FromSearcher, type Root, type SearchId, type ToSearcher } from './search-messages.js';

export interface Found {
  readonly onFound: (found: FromSearcher) => void;
  /** The thread has ended; no results will come. */
  readonly onEnd: (why: string) => void;
}

export interface OpenSearch {
  query(text: string): void;
  close(): void;
}

export interface Searcher {
  /** `query` null: a session. A search that is no session closes itself with its complete results. */
  open(roots: readonly Root[], query: string | null, found: Found): OpenSearch;
}

export interface SearcherOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
  readonly idleMs?: number;
}

const IDLE_MS = 60_000;
/** Paths are outside of it. */
const HEAP_MB = 512;

export function createSearcher({ env, log, idleMs = IDLE_MS }: SearcherOptions): Searcher {
  const open = new Map<SearchId, Found>();
  let worker: Worker | null = null;
  let lastId = 0;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    const started = new Worker(path.join(packageRoot(), 'dist', 'file-search.cjs'), {
      workerData: Object.fromEntries(ENVIRONMENT.map((name) => [name, env[name]])),
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const end = (why: string): void => {
      if (worker !== started) return;
      worker = null;
      const lost = [...open.values()];
      open.clear();
      for (const { onEnd } of lost) onEnd(why);
    };
    started.on('message', (found: FromSearcher) => open.get(found.id)?.onFound(found));
    started.on('error', (error) => {
      log.error(...describe('the search for files ended', error));
      end(error.message);
    });
    started.on('exit', () => end('the thread that searches has ended'));
    started.unref();
    return started;
  };
  const close = (id: SearchId): void => {
    if (!open.delete(id)) return;
    worker?.postMessage({ type: 'close', id } satisfies ToSearcher);
    if (open.size > 0) return;
    clearTimeout(idle);
    idle = setTimeout(() => {
      const ended = worker;
      worker = null;
      void ended?.terminate();
    }, idleMs).unref();
  };

  return {
    open(roots, query, { onFound, onEnd }) {
      clearTimeout(idle);
      worker ??= start();
      const id = ++lastId;
      open.set(id, {
        onEnd,
        onFound(found) {
          if (query !== null && found.complete) close(id);
          onFound(found);
        },
      });
      worker.postMessage({ type: 'open', id, roots, query } satisfies ToSearcher);
      return {
        query: (text) => {
          if (open.has(id)) worker?.postMessage({ type: 'query', id, query: text } satisfies ToSearcher);
        },
        close: () => close(id),
      };
    },
  };
}
