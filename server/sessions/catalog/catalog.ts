/** The catalog as the handlers of this family see it; the rest of the sessions know ThreadCatalog. */
import type { ThreadId } from '../store/records/thread-id.js';
import type { Fact, FactsState } from './facts-state.js';
import type { SortKey } from './list-cursor.js';
import type { ThreadFilter } from './thread-query.js';
import type { CatalogRow, ThreadCatalog } from './thread-catalog.js';

export interface Catalog extends ThreadCatalog {
  /** One thread by its id, as its files are now; null when it has none that can be read. */
  row(id: ThreadId): Promise<CatalogRow | null>;
  page(query: PageQuery): Promise<Page>;
  /** Searches what was said, newest threads first. Throws RpcError for a cursor that is none. */
  search(query: SearchQuery): Promise<SearchPage>;
  /** The facts, with all that others wrote. To be asked anew after every await. */
  state(): FactsState;
  /** Writes a fact and applies it; what it came to is then in the state. Throws when the disk refuses. */
  write(fact: Fact): FactsState;
}

export interface PageQuery {
  readonly filter: ThreadFilter;
  readonly sortKey: SortKey;
  readonly descending: boolean;
  readonly limit: number;
  readonly cursor: string | null;
  /** Without a look at the folders: only threads that are known already (`useStateDbOnly`). */
  readonly knownOnly: boolean;
}

export interface Page {
  readonly rows: readonly CatalogRow[];
  readonly nextCursor: string | null;
  /** Opens the way back from the first row on, that row included (docs/protocol/threads.md §4). */
  readonly backwardsCursor: string | null;
}

export interface SearchQuery extends Omit<PageQuery, 'knownOnly'> {
  readonly term: string;
}

export interface SearchPage extends Omit<Page, 'rows'> {
  readonly found: readonly { readonly row: CatalogRow; readonly snippet: string }[];
}
