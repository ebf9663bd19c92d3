/**
 * Sessions of fuzzyFileSearch: a tree that is walked once, for many queries.
 *
 * Threat: a client starts sessions without end, or does not read their results.
 * Rule: sessions are bounded for a connection and for the daemon, and end with their connection. While a client does
 * not read, at most one notification of each session waits for it: the latest.
 */
import { internalError, invalidRequest } from '../errors/rpc-error.js';
import type { Caller } from '../rpc/connection/caller.js';
import type { FromSearcher, Root } from './search-messages.js';
import type { Searcher } from './searcher.js';

export const MOST_OF_A_CONNECTION = 32;
export const MOST_OF_ALL = 128;

interface Session {
  readonly update: (query: string) => void;
  readonly end: () => void;
}

export interface SearchSessions {
  /** Replaces a session with this id. Throws RpcError. */
  start(id: string, roots: readonly Root[], caller: Caller): void;
  /** Throws RpcError for an unknown id. */
  update(id: string, query: string, caller: Caller): void;
  /** An unknown id is fine. */
  stop(id: string, caller: Caller): void;
}

export function createSessions(searcher: Searcher): SearchSessions {
  const connections = new Map<number, Map<string, Session>>();
  let total = 0;

  const sessionsOf = ({ connectionId, closed }: Caller): Map<string, Session> => {
    const known = connections.get(connectionId);
    if (known !== undefined) return known;
    const made = new Map<string, Session>();
    connections.set(connectionId, made);
    const endAll = (): void => {
      connections.delete(connectionId);
      [...made.values()].forEach(({ end }) => end());
    };
    closed.addEventListener('abort', endAll, { once: true });
    return made;
  };

  return {
    start(id, roots, caller) {
      caller.closed.throwIfAborted();
      const mine = sessionsOf(caller);
      mine.get(id)?.end();
      if (mine.size >= MOST_OF_A_CONNECTION) throw invalidRequest(tooMany(`this connection has ${mine.size}`));
      if (total >= MOST_OF_ALL) throw internalError(tooMany(`all clients together have ${total}`));
      const end = (): void => {
        if (mine.get(id) !== session) return;
        mine.delete(id);
        total--;
        search.close();
        reports.end();
      };
      const reports = createReports(id, caller);
      const search = searcher.open(roots, null, { onFound: reports.found, onEnd: end });
      const update = (query: string): void => {
        reports.ask(query);
        search.query(query);
      };
      const session: Session = { update, end };
      total++;
      mine.set(id, session);
    },
    update(id, query, caller) {
      const session = connections.get(caller.connectionId)?.get(id);
      if (session === undefined) throw invalidRequest(`fuzzy file search session not found: ${id}`);
      session.update(query);
    },
    stop: (id, { connectionId }) => connections.get(connectionId)?.get(id)?.end(),
  };
}

const tooMany = (has: string): string =>
  `fuzzyFileSearch/sessionStart: ${has} sessions, and no more are possible; end some with fuzzyFileSearch/sessionStop`;

/** Notifies the client of results for the latest query. */
function createReports(sessionId: string, caller: Caller) {
  let asked = '';
  let latest: FromSearcher | null = null;
  let isWaiting = false;
  let ended = false;

  const flush = async (): Promise<void> => {
    if (isWaiting) return;
    isWaiting = true;
    await caller.drained();
    isWaiting = false;
    const found = latest;
    latest = null;
    if (ended || found === null || found.query !== asked) return;
    const { query, files, complete } = found;
    caller.notify('fuzzyFileSearch/sessionUpdated', { sessionId, query, files: [...files] });
    if (complete) caller.notify('fuzzyFileSearch/sessionCompleted', { sessionId });
  };
  const found = (next: FromSearcher): void => {
    latest = next;
    void flush();
  };
  return {
    found,
    /** Results for other queries come too late from now on. */
    ask(query: string): void {
      asked = query;
    },
    end(): void {
      ended = true;
    },
  };
}
