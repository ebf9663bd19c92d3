/** The page that is shown: the fragment of the address, so that a reload and a bookmark come back to it. */
import { signal } from '@preact/signals';

export const PAGES = ['overview', 'approvals', 'network', 'commands', 'threads', 'configuration', 'protocol'] as const;
export type Page = (typeof PAGES)[number];

export interface Route {
  readonly page: Page;
  /** The thread or command that is open. */
  readonly id: string | null;
}

export const route = signal<Route>({ page: 'overview', id: null });

/** `#/threads/ID` and back. An unknown page is the overview. */
export function readRoute(hash: string): Route {
  const [page = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  const known = PAGES.find((name) => name === page);
  return known === undefined ? { page: 'overview', id: null } : { page: known, id: id === '' ? null : decoded(id) };
}

export const addressOf = (page: Page, id: string | null = null): string =>
  id === null ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;

function decoded(id: string): string | null {
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}
