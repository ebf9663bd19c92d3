/** fuzzyFileSearch and its sessions (docs/protocol/services.md §2). */
import path from 'node:path';
import type { FuzzyFileSearchResult } from '../../schema/protocol/exec/fuzzy-file-search.js';
import { internalError, invalidRequest } from '../errors/rpc-error.js';
import type { Logger } from '../log/log.js';
import type { Caller } from '../rpc/connection/caller.js';
import { defineMethods } from '../rpc/connection/define-methods.js';
import type { Root } from './search-messages.js';
import { createSearcher, type OpenSearch, type Searcher } from './searcher.js';
import { createSessions } from './search-sessions.js';

export interface FileSearchDeps {
  /** Relative roots are below it. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

export const fileSearchMethods = defineMethods(({ cwd, env, log }: FileSearchDeps) => {
  const searcher = createSearcher({ env, log });
  const sessions = createSessions(searcher);
  /** Running searches by connection and token: a new one with the same token ends the earlier one. */
  const running = new Map<string, () => void>();

  return {
    fuzzyFileSearch: async ({ query, roots, cancellationToken }, caller) => {
      const places = rootsOf(roots, cwd);
      const key =
        typeof cancellationToken !== 'string' ? null : JSON.stringify([caller.connectionId, cancellationToken]);
      const cancelled = new AbortController();
      if (key !== null) {
        running.get(key)?.();
        running.set(key, () => cancelled.abort());
      }
      const mine = key === null ? undefined : running.get(key);
      try {
        if (query === '' || places.length === 0) return { files: [] };
        return { files: await searchOnce(searcher, places, query, AbortSignal.any([caller.closed, cancelled.signal])) };
      } finally {
        if (key !== null && running.get(key) === mine) running.delete(key);
      }
    },
    'fuzzyFileSearch/sessionStart': ({ sessionId, roots }, caller) => {
      if (sessionId === '') throw invalidRequest('sessionId must not be empty');
      const places = rootsOf(roots, cwd);
      if (places.length === 0) {
        throw internalError('failed to start fuzzy file search session: at least one search directory is required');
      }
      sessions.start(sessionId, places, caller);
      return {};
    },
    'fuzzyFileSearch/sessionUpdate': ({ sessionId, query }, caller) => {
      sessions.update(sessionId, query, caller);
      return {};
    },
    'fuzzyFileSearch/sessionStop': ({ sessionId }, caller: Caller) => {
      sessions.stop(sessionId, caller);
      return {};
    },
  };
});

/** Each place once, as it was given first. */
function rootsOf(given: readonly string[], cwd: string): Root[] {
  const places = new Map<string, Root>();
  for (const root of given) {
    const place = path.resolve(cwd, root);
    if (!place.includes('\0') && !places.has(place)) places.set(place, { given: root, place });
  }
  return [...places.values()];
}

/** Nothing, when the search is ended from outside. */
function searchOnce(
  searcher: Searcher,
  roots: readonly Root[],
  query: string,
  signal: AbortSignal,
): Promise<FuzzyFileSearchResult[]> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve([]);
    let search: OpenSearch | null = null;
    const stop = (): void => {
      search?.close();
      resolve([]);
    };
    signal.addEventListener('abort', stop, { once: true });
    const settle = (done: () => void): void => {
      signal.removeEventListener('abort', stop);
      done();
    };
    search = searcher.open(roots, query, {
      onFound: ({ files, complete }) => complete && settle(() => resolve([...files])),
      onEnd: (why) => settle(() => reject(internalError(`fuzzyFileSearch failed: ${why}`))),
    });
  });
}
