/** The position where a page of threads begins or ends (docs/protocol/threads.md §4). Clients must not interpret it. */
import { invalidRequest } from '../../errors/rpc-error.js';
import { parseThreadId, type ThreadId } from '../store/records/thread-id.js';

export type SortKey = 'created_at' | 'updated_at' | 'recency_at' | 'section_position';

/** A position between two threads: before or after the thread `id`, or where it would be. */
export interface Anchor {
  /** Milliseconds since the epoch, or a position in a section. */
  readonly value: number;
  /** Null: before all threads with that value. */
  readonly id: ThreadId | null;
  /** The page begins with the thread itself. */
  readonly inclusive: boolean;
}

/**
 * The form is `<time>|<id>`, with the sort key unless it is the default, and `from` if the page includes the thread
 * itself. A cursor of another sort order is refused. (The reference accepts it and returns arbitrary threads.)
 */
export function formatCursor(key: SortKey, { value, id, inclusive }: Anchor): string {
  const place = key === 'section_position' ? String(value) : new Date(value).toISOString();
  return [place, id, ...(key === 'created_at' ? [] : [key]), ...(inclusive ? ['from'] : [])].join('|');
}

/** Throws RpcError if the text is not a cursor of this order. */
export function parseCursor(key: SortKey, cursor: string): Anchor {
  const match = CURSOR.exec(cursor);
  const { place = '', id, key: madeFor = 'created_at', from } = match?.groups ?? {};
  const isTime = ISO.test(place);
  const value = isTime ? Date.parse(place) : Number(place);
  const parsed = id === undefined ? null : parseThreadId(id);
  const refused =
    match === null ||
    Number.isNaN(value) ||
    isTime === (key === 'section_position') ||
    (parsed !== null && 'problem' in parsed) ||
    // A cursor without an id is only a time, which fits every order.
    (id !== undefined && madeFor !== key);
  if (refused) throw invalidRequest(`invalid cursor: ${cursor}`);
  return { value, id: parsed?.id ?? null, inclusive: from !== undefined };
}

const CURSOR =
  /^(?<place>[^|]+)(?:\|(?<id>[^|]+)(?:\|(?<key>updated_at|recency_at|section_position))?(?:\|(?<from>from))?)?$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
