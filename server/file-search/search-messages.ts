/** What the daemon and the thread that searches say to each other. */
import type { FuzzyFileSearchResult } from '../../schema/protocol/exec/fuzzy-file-search.js';

/** The number of a search, or of a session. */
export type SearchId = number;

export type ToSearcher =
  /** `roots`: absolute. A session keeps what it has walked, and gets its queries later. */
  | { readonly type: 'open'; readonly id: SearchId; readonly roots: readonly Root[]; readonly query: string | null }
  | { readonly type: 'query'; readonly id: SearchId; readonly query: string }
  | { readonly type: 'close'; readonly id: SearchId };

export interface Root {
  /** As the client gave it. */
  readonly given: string;
  readonly place: string;
}

/** `complete`: no better results will come for this query. A search that is no session is over then. */
export interface FromSearcher {
  readonly id: SearchId;
  readonly query: string;
  readonly files: readonly FuzzyFileSearchResult[];
  readonly complete: boolean;
}

/** What the thread reads of the environment: where the user's settings of git are. */
export const ENVIRONMENT = ['HOME', 'USERPROFILE', 'XDG_CONFIG_HOME'] as const;
