/**
 * Reads the decision log page by page.
 *
 * Rule: a reader that follows the log receives every decision or the number of missed ones. A cursor is a position
 * between two decisions, and stays valid when decisions are added or dropped.
 */
import type { DecisionEntry, DecisionLog } from './decision-log.js';

export interface DecisionQuery {
  /** The cursor of an earlier page; null: from the first entry on, or for `desc` from the last entry back. */
  readonly cursor: string | null;
  /** Entries, 1 to MAX_LIMIT; larger values are reduced. */
  readonly limit: number | null;
  readonly threadId: string | null;
  readonly processId: string | null;
  readonly verdict: 'allow' | 'deny' | null;
  readonly direction: 'asc' | 'desc';
}

export interface DecisionPage {
  readonly entries: readonly DecisionEntry[];
  /** null: no further entries in this direction. */
  readonly nextCursor: string | null;
  /** The position where `asc` continues with decisions after this page. */
  readonly latestCursor: string;
  /** Decisions of any kind that the query covers and that are no longer kept. */
  readonly dropped: number;
  /** The cursor belongs to another log. */
  readonly restarted: boolean;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** Returns null for an invalid cursor. */
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
  /** The last entry that is still to be read. */
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
    // Only the last page reaches the position of the dropped entries.
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
