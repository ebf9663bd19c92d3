/**
 * The searches of the thread that searches. They take turns in short pieces, and a new query of a session counts from
 * the next piece on.
 */
import { PathIndex } from './match/path-index.js';
import { Ranking } from './ranking.js';
import type { FromSearcher, Root, SearchId, ToSearcher } from './search-messages.js';
import { walkTrees, type TreeWalk } from './walk/tree-walk.js';

/** Of one piece, in milliseconds. */
const PIECE_MS = 8;
/** Of one piece of a search that has shown nothing yet. */
const FIRST_PIECE_MS = 2;
const RANKED_AT_ONCE = 2000;
/** Results of a tree that is still walked are sent this often, in milliseconds. */
const REPORT_EVERY_MS = 60;
const NEVER = -Infinity;

interface Search {
  readonly id: SearchId;
  readonly roots: readonly Root[];
  readonly isSession: boolean;
  readonly index: PathIndex;
  readonly walk: TreeWalk;
  isWalked: boolean;
  ranking: Ranking;
  /** The last finished ranking, which a longer query continues. */
  finished: Ranking | null;
  hasNews: boolean;
  reportedAt: number;
  isReported: boolean;
}

export interface SearchesOptions {
  readonly send: (message: FromSearcher) => void;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Of all searches together: beyond, trees are not walked further. An entry takes about 100 bytes. */
  readonly mostEntries: number;
  /** Runs `work` when messages have been received. */
  readonly later: (work: () => void) => void;
}

export function createSearches({ send, env, mostEntries, later }: SearchesOptions): (message: ToSearcher) => void {
  const searches = new Map<SearchId, Search>();
  let isRunning = false;

  const open = (id: SearchId, roots: readonly Root[], query: string | null): void => {
    const index = new PathIndex();
    const walk = walkTrees(
      roots.map(({ place }) => place),
      index,
      env,
    );
    const state = { isWalked: false, finished: null, hasNews: false, reportedAt: NEVER, isReported: false };
    const ranking = new Ranking(index, query ?? '');
    searches.set(id, { id, roots, isSession: query === null, index, walk, ranking, ...state });
  };
  const receive = (message: ToSearcher): void => {
    if (message.type === 'open') open(message.id, message.roots, message.query);
    else if (message.type === 'close') searches.delete(message.id);
    else {
      const search = searches.get(message.id);
      if (search === undefined) return;
      search.ranking = new Ranking(search.index, message.query, search.finished);
      Object.assign(search, { hasNews: true, reportedAt: NEVER, isReported: false });
    }
    start();
  };

  const start = (): void => {
    if (isRunning) return;
    isRunning = true;
    later(run);
  };
  const run = (): void => {
    isRunning = false;
    const busy = [...searches.values()].filter((search) => !isIdle(search));
    for (const search of busy) {
      const pieceMs = search.reportedAt === NEVER ? FIRST_PIECE_MS : PIECE_MS;
      work(search, performance.now() + pieceMs / busy.length);
    }
    if (busy.some((search) => searches.has(search.id) && !isIdle(search))) start();
  };

  /** First what a person waits for: the paths that are there already. */
  const work = (search: Search, endAt: number): void => {
    const { ranking, index } = search;
    while (!ranking.isDone && performance.now() < endAt) {
      if (ranking.advance(RANKED_AT_ONCE)) search.hasNews = true;
    }
    if (ranking.isDone) {
      const others = [...searches.values()].reduce((sum, other) => sum + other.index.size, -index.size);
      if (!search.isWalked) search.isWalked = search.walk.advance(endAt, mostEntries - others);
      // What was found now is not told a piece later.
      if (ranking.advance(RANKED_AT_ONCE)) search.hasNews = true;
    }
    report(search);
  };
  const report = (search: Search): void => {
    const { id, ranking, roots, isSession } = search;
    const complete = search.isWalked && ranking.isDone;
    const isDue = isSession && search.hasNews && performance.now() - search.reportedAt > REPORT_EVERY_MS;
    if (!complete && !isDue) return;
    const files = ranking.results((root) => roots[root]!.given);
    // The first results do not wait because nothing had been found before them.
    const reportedAt = files.length === 0 ? NEVER : performance.now();
    Object.assign(search, { hasNews: false, reportedAt, isReported: complete });
    send({ id, query: ranking.query, files, complete });
    if (!complete) return;
    search.finished = ranking;
    if (!isSession) searches.delete(id);
  };
  return receive;
}

const isIdle = ({ isWalked, isReported }: Search): boolean => isWalked && isReported;
