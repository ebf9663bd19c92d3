/**
 * The decision log page by page.
 *
 * Rule: a reader that follows the log hears of every decision or of how many it missed. A cursor is a place between two
 * decisions, and stays good when decisions are added or dropped.
 */
import type { DecisionEntry, DecisionLog } from './decision-log.js';

export interface DecisionQuery {
  /** As a page gave it; null: from the first one on, or for `desc` from the last one back. */
  readonly cursor: string | null;
  /** Entries, 1 to MAX_LIMIT; cut to that. */
  readonly limit: number | null;
  readonly threadId: string | null;
  readonly processId: string | null;
  readonly verdict: 'allow' | 'deny' | null;
  readonly direction: 'asc' | 'desc';
}

export interface DecisionPage {
  readonly entries: readonly DecisionEntry[];
  /** null: nothing follows in this direction. */
  readonly nextCursor: string | null;
  /** Where `asc` goes on with what is decided after this page. */
  readonly latestCursor: string;
  /** Decisions of any kind that should have been looked at and are no longer kept. */
  readonly dropped: number;
  /** The cursor is of another log. */
  readonly restarted: boolean;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** null: the cursor is none. */
export function readPage(log: DecisionLog, query: DecisionQuery): DecisionPage | null {
  const place = query.cursor === null ? null : parseCursor(query.cursor);
  if (query.cursor !== null && place === null) return null;
  const restarted = place !== null && place.log !== log.id;
  const from = place === null || restarted ? null : place.after;
  const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), MAX_LIMIT);
  return { ...(query.direction === 'asc' ? forwards : backwards)(log, query, from, limit), restarted };
}

type Read = (
  log: DecisionLog,
  query: DecisionQuery,
  from: number | null,
  limit: number,
) => Omit<DecisionPage, 'restarted'>;

const forwards: Read = (log, query, from, limit) => {
  const { oldest, newest } = log.bounds();
  const start = Math.min(from ?? 0, newest);
  const found: DecisionEntry[] = [];
  let after = Math.max(start, oldest - 1);
  const dropped = after - start;
  for (const entry of log.list({ after })) {
    if (found.length === limit) break;
    after = entry.sequence;
    if (fits(entry, query)) found.push(entry);
  }
  const here = cursorAt(log, after);
  return { entries: found, nextCursor: after < newest ? here : null, latestCursor: here, dropped };
};

const backwards: Read = (log, query, from, limit) => {
  const { oldest, newest } = log.bounds();
  /** Everything up to here is still to be looked at. */
  let before = Math.min(from ?? newest, newest);
  const dropped = Math.max(Math.min(oldest - 1, before), 0);
  const found: DecisionEntry[] = [];
  const kept = log.list();
  for (; before >= oldest && found.length < limit; before--) {
    const entry = kept[before - oldest];
    if (entry !== undefined && fits(entry, query)) found.push(entry);
  }
  const more = before >= oldest;
  return {
    entries: found,
    nextCursor: more ? cursorAt(log, before) : null,
    latestCursor: cursorAt(log, newest),
    // Only the last page comes to where they were.
    dropped: more ? 0 : dropped,
  };
};

const fits = ({ owner, verdict }: DecisionEntry, query: DecisionQuery): boolean =>
  (query.verdict === null || verdict === query.verdict) &&
  (query.threadId === null || (owner.kind === 'thread' && owner.threadId === query.threadId)) &&
  (query.processId === null || (owner.kind === 'connection' && owner.processId === query.processId));

const cursorAt = (log: DecisionLog, sequence: number): string => `${log.id}.${sequence}`;

function parseCursor(cursor: string): { readonly log: string; readonly after: number } | null {
  const [, log = '', after = ''] = /^([0-9a-f]{12})\.(\d{1,15})$/.exec(cursor) ?? [];
  return log === '' ? null : { log, after: Number(after) };
}
