/** What a web search did, in the form of the protocol. Rollouts and servers write it in snake case. */
import type { WebSearchAction } from '../../../../schema/protocol/threads/item.js';
import { isObject } from '../../../system/node/objects.js';

/** Null: there is none. */
export function webAction(action: unknown): WebSearchAction | null {
  if (!isObject(action)) return null;
  const { query, queries, url, pattern } = action;
  switch (action['type']) {
    case 'search':
      return { type: 'search', query: text(query), queries: texts(queries) };
    case 'open_page':
    case 'openPage':
      return { type: 'openPage', url: text(url) };
    case 'find_in_page':
    case 'findInPage':
      return { type: 'findInPage', url: text(url), pattern: text(pattern) };
    default:
      return { type: 'other' };
  }
}

/** What a person reads about an action: the query, the address, or the text that was looked for. */
export function searchedFor(action: WebSearchAction): string {
  switch (action.type) {
    case 'search': {
      if (action.query) return action.query;
      const [first = '', ...others] = action.queries ?? [];
      return first !== '' && others.length > 0 ? `${first} ...` : first;
    }
    case 'openPage':
      return action.url ?? '';
    case 'findInPage': {
      const { pattern, url } = action;
      if (!pattern) return url ?? '';
      return url ? `'${pattern}' in ${url}` : `'${pattern}'`;
    }
    case 'other':
      return '';
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const texts = (value: unknown): string[] | null =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : null;
