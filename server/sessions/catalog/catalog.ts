/** The catalog as the handlers of this family use it. Other parts of the sessions use only ThreadCatalog. */
import type { ThreadId } from '../store/records/thread-id.js';
import type { Fact, FactsState } from './facts-state.js';
import type { SortKey } from './list-cursor.js';
import type { ThreadFilter } from './thread-query.js';
import type { CatalogRow, ThreadCatalog } from './thread-catalog.js';

export interface Catalog extends ThreadCatalog {
  /** The row of a thread, read from its current files; null: no readable file has that id. */
  row(id: ThreadId): Promise<CatalogRow | null>;
  page(query: PageQuery): Promise<Page>;
  /** Searches the messages of threads, newest threads first. Throws RpcError for an invalid cursor. */
  search(query: SearchQuery): Promise<SearchPage>;
  /** The facts, including those that other daemons wrote. Call it again after every await. */
  state(): FactsState;
  /**
   * Writes a fact and applies it. The returned state shows whether the fact took effect. Throws if the disk refuses.
   */
  write(fact: Fact): FactsState;
}

export interface PageQuery {
  readonly filter: ThreadFilter;
  readonly sortKey: SortKey;
  readonly descending: boolean;
  readonly limit: number;
  readonly cursor: string | null;
  /** Does not read the folders: returns only threads that are already known (`useStateDbOnly`). */
  readonly knownOnly: boolean;
}

export interface Page {
  readonly rows: readonly CatalogRow[];
  readonly nextCursor: string | null;
  /** The cursor that pages back from the first row and includes it (docs/protocol/threads.md §4). */
  readonly backwardsCursor: string | null;
}

export interface SearchQuery extends Omit<PageQuery, 'knownOnly'> {
  readonly term: string;
  /** Its abort ends the search: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called for each thread of the page when it is found, in this order. */
  readonly onFound?: (found: FoundThread) => void;
}

export interface FoundThread {
  readonly row: CatalogRow;
  readonly snippet: string;
}

export interface SearchPage extends Omit<Page, 'rows'> {
  readonly found: readonly FoundThread[];
}
