/** Where a page of threads begins or ends (docs/protocol/threads.md §4). Opaque to clients. */
import { invalidRequest } from '../../errors/rpc-error.js';
import { parseThreadId, type ThreadId } from '../store/records/thread-id.js';

export type SortKey = 'created_at' | 'updated_at' | 'recency_at' | 'section_position';

/** A place between two threads: before or after the thread `id`, or where it would be. */
export interface Anchor {
  /** Milliseconds since the epoch, or a place in a section. */
  readonly value: number;
  /** Null: no thread of that value lies before it. */
  readonly id: ThreadId | null;
  /** The thread itself comes first on the page. */
  readonly inclusive: boolean;
}

/**
 * `<time>|<id>`, with the sort key where it is not the default one and `from` where the thread itself is meant. A
 * cursor of one order means nothing in another and is refused there (the reference takes it and answers at random).
 */
export function formatCursor(key: SortKey, { value, id, inclusive }: Anchor): string {
  const place = key === 'section_position' ? String(value) : new Date(value).toISOString();
  return [place, id, ...(key === 'created_at' ? [] : [key]), ...(inclusive ? ['from'] : [])].join('|');
}

/** Throws RpcError for what is no cursor of this order. */
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
    // One without an id is a mere time, of whatever order.
    (id !== undefined && madeFor !== key);
  if (refused) throw invalidRequest(`invalid cursor: ${cursor}`);
  return { value, id: parsed?.id ?? null, inclusive: from !== undefined };
}

const CURSOR =
  /^(?<place>[^|]+)(?:\|(?<id>[^|]+)(?:\|(?<key>updated_at|recency_at|section_position))?(?:\|(?<from>from))?)?$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
