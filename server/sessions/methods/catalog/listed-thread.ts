/** A thread as lists show it. */
import type { Thread } from '../../../../schema/protocol/threads/thread.js';
import type { CatalogRow } from '../../catalog/thread-catalog.js';
import type { CatalogDeps } from '../../live/catalog-deps.js';
import { knownOfRow, threadObject } from '../../live/thread-object.js';

/** With its status of this moment; `canAcceptDirectInput` is not told by lists (docs/protocol/threads.md §2). */
export function listedThread(threads: CatalogDeps['threads'], row: CatalogRow, defaultProvider: string): Thread {
  const live = threads.get(row.head.id);
  return { ...threadObject(knownOfRow(row), live, defaultProvider), canAcceptDirectInput: null };
}
