import { invalidRequest } from '../../errors/rpc-error.js';

export interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
}

/**
 * One page of a list (docs/protocol/config.md §8, §9; docs/protocol/services.md §3, §7): the cursor is a decimal index,
 * a limit of 0 acts as 1. `what` names the items in the error for a cursor beyond the end. Throws -32600.
 */
export function pageOf<T>(
  items: readonly T[],
  { cursor, limit }: { readonly cursor?: string | null | undefined; readonly limit?: number | null | undefined },
  what: string,
): Page<T> {
  const start = cursor === null || cursor === undefined ? 0 : cursorIndex(cursor);
  if (start > items.length) throw invalidRequest(`cursor ${start} exceeds total ${what} ${items.length}`);
  const end = limit === null || limit === undefined ? items.length : Math.min(items.length, start + Math.max(1, limit));
  return { data: items.slice(start, end), nextCursor: end < items.length ? String(end) : null };
}

function cursorIndex(cursor: string): number {
  const index = /^\+?\d+$/.test(cursor) ? Number(cursor) : NaN;
  if (!Number.isSafeInteger(index)) throw invalidRequest(`invalid cursor: ${cursor}`);
  return index;
}
