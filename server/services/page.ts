/** Lists in pages, with a decimal offset as the cursor (docs/protocol/services.md §3, §7). */
import { invalidRequest } from '../errors/rpc-error.js';

export interface PageParams {
  readonly cursor?: string | null | undefined;
  /** 0 counts as 1. Absent: all remaining members. */
  readonly limit?: number | null | undefined;
}

/**
 * `what` is the name of the list in the error text, for example `models`. Throws RpcError for a cursor that no page
 * returned.
 */
export function page<T>(
  all: readonly T[],
  { cursor, limit }: PageParams,
  what: string,
): { data: T[]; nextCursor: string | null } {
  const start = cursor === null || cursor === undefined ? 0 : offset(cursor);
  if (start > all.length) throw invalidRequest(`cursor ${start} exceeds total ${what} ${all.length}`);
  const end = limit === null || limit === undefined ? all.length : Math.min(all.length, start + Math.max(1, limit));
  return { data: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
}

function offset(cursor: string): number {
  const value = /^\d+$/.test(cursor) ? Number(cursor) : NaN;
  if (!Number.isSafeInteger(value)) throw invalidRequest(`invalid cursor: ${cursor}`);
  return value;
}
