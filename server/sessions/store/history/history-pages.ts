/**
 * Pages of a history and their cursors, as thread/turns/list and similar methods return them (docs/protocol/threads.md
 * §5).
 */
import { CodexdError } from '../../../errors/codexd-error.js';
import type { ThreadItemEntry } from '../../../../schema/protocol/threads/thread-history.js';
import type { Turn, TurnItemsView, TurnsPage } from '../../../../schema/protocol/threads/turn.js';
import { isObject } from '../../../system/node/objects.js';
import type { ThreadId } from '../records/thread-id.js';
import type { PositionedItem, ThreadHistory } from '../records/thread-store.js';

export type Direction = 'asc' | 'desc';

export interface PageRequest {
  readonly cursor?: string | null | undefined;
  readonly limit?: number | null | undefined;
  readonly sortDirection?: Direction | null | undefined;
}

/** The size of a page: 25 by default, 1 for 0, and at most 100 (docs/protocol/threads.md §4). */
export function pageSize(limit: number | null | undefined): number {
  return Math.min(MAX_PAGE, Math.max(1, limit ?? DEFAULT_PAGE));
}

const DEFAULT_PAGE = 25;
const MAX_PAGE = 100;

/** The cursor is malformed, or it belongs to another thread, list or search. */
export const cursorError = (cursor: string): CodexdError => new CodexdError('page.cursor', `invalid cursor: ${cursor}`);

/** A page of turns. The defaults are newest first, and summaries. Throws `page.cursor`. */
export async function turnsPage(
  threadId: ThreadId,
  history: ThreadHistory,
  request: PageRequest & { readonly itemsView?: TurnItemsView | null | undefined },
): Promise<TurnsPage> {
  const descending = (request.sortDirection ?? 'desc') === 'desc';
  const size = pageSize(request.limit);
  const anchor = (request.cursor ?? null) === null ? null : turnAnchor(threadId, history, request.cursor as string);
  const { turnCount } = history;
  let from: number;
  let to: number;
  if (descending) {
    to = anchor === null ? turnCount : turnsUpTo(history, anchor);
    from = Math.max(0, to - size);
  } else {
    from = anchor === null ? 0 : turnsBefore(history, anchor);
    to = Math.min(turnCount, from + size);
  }
  if (from >= to) return { data: [], nextCursor: null, backwardsCursor: null };
  const data: Turn[] = await history.turns(from, to, request.itemsView ?? 'summary');
  if (descending) data.reverse();
  const more = descending ? from > 0 : to < turnCount;
  const [first, last] = descending ? [to - 1, from] : [from, to - 1];
  return {
    data,
    nextCursor: more ? turnCursor(threadId, history, last, false) : null,
    backwardsCursor: turnCursor(threadId, history, first, true),
  };
}

/**
 * The cursor that pages back from the newest turn and includes it; null without turns and for legacy threads
 * (docs/protocol/threads.md §6, §10).
 */
export function turnsBackwardsCursor(threadId: ThreadId, history: ThreadHistory): string | null {
  if (history.historyMode === 'legacy' || history.turnCount === 0) return null;
  return turnCursor(threadId, history, history.turnCount - 1, true);
}

/** Like turnsBackwardsCursor, for items. */
export async function itemsBackwardsCursor(threadId: ThreadId, history: ThreadHistory): Promise<string | null> {
  if (history.historyMode === 'legacy') return null;
  for await (const { position } of history.items({ backwards: true })) return itemCursor(threadId, position, true);
  return null;
}

/** The cursor that points to a turn. */
export function turnCursor(threadId: ThreadId, history: ThreadHistory, turn: number, includeAnchor: boolean): string {
  if (history.historyMode === 'legacy') return JSON.stringify({ turnId: history.turnIdAt(turn), includeAnchor });
  const rolloutOrdinal = history.positionOfTurn(turn);
  return JSON.stringify({ requestedThreadId: threadId, rolloutOrdinal, includeAnchor, scope: { kind: 'turns' } });
}

export interface ItemsPage {
  readonly data: ThreadItemEntry[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}

export interface ItemsPageRequest extends Omit<PageRequest, 'cursor'> {
  readonly turnId?: string | null | undefined;
  readonly cursor?: string | { readonly itemId: string } | null | undefined;
}

/** A page of items, oldest first by default. Throws `page.cursor`, and `page.item` for an unknown anchor. */
export async function itemsPage(
  threadId: ThreadId,
  history: ThreadHistory,
  request: ItemsPageRequest,
): Promise<ItemsPage> {
  const backwards = request.sortDirection === 'desc';
  const size = pageSize(request.limit);
  const turnId = request.turnId ?? undefined;
  const anchor = await itemAnchor(threadId, history, turnId, request.cursor ?? null);
  const page: PositionedItem[] = [];
  let more = false;
  const items = history.items({
    backwards,
    ...(turnId === undefined ? {} : { turnId }),
    ...(anchor === null ? {} : { from: anchor.position }),
  });
  for await (const item of items) {
    if (anchor !== null && !isPast(item.position, anchor, backwards)) continue;
    if (page.length === size) {
      more = true;
      break;
    }
    page.push(item);
  }
  const [first, last] = [page[0], page.at(-1)];
  return {
    data: page.map(({ position: _position, ...entry }) => entry),
    nextCursor: more && last !== undefined ? itemCursor(threadId, last.position, false) : null,
    backwardsCursor: first === undefined ? null : itemCursor(threadId, first.position, true),
  };
}

/** `cursor.itemId` names no item of the turn. */
const unknownItem = (): CodexdError =>
  new CodexdError('page.item', 'cursor.itemId does not identify an item in the requested history scope');

interface Anchor {
  readonly position: number;
  readonly includeAnchor: boolean;
}

const isPast = (position: number, anchor: Anchor, backwards: boolean): boolean =>
  (anchor.includeAnchor && position === anchor.position) ||
  (backwards ? position < anchor.position : position > anchor.position);

/** The number of turns up to the anchor: the index after it. */
function turnsUpTo(history: ThreadHistory, { position, includeAnchor }: Anchor): number {
  return firstTurn(history, (at) => (includeAnchor ? at > position : at >= position));
}

function turnsBefore(history: ThreadHistory, { position, includeAnchor }: Anchor): number {
  return firstTurn(history, (at) => (includeAnchor ? at >= position : at > position));
}

/** The index of the first turn whose position fits. Positions rise, so a binary search finds it. */
function firstTurn(history: ThreadHistory, fits: (position: number) => boolean): number {
  let low = 0;
  let high = history.turnCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(history.positionOfTurn(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

const itemCursor = (threadId: ThreadId, rolloutOrdinal: number, includeAnchor: boolean): string =>
  JSON.stringify({
    requestedThreadId: threadId,
    rolloutOrdinal,
    includeAnchor,
    scope: { kind: 'itemsByCreatedAtOrdinal' },
  });

async function itemAnchor(
  threadId: ThreadId,
  history: ThreadHistory,
  turnId: string | undefined,
  cursor: string | { readonly itemId: string } | null,
): Promise<Anchor | null> {
  if (cursor === null) return null;
  if (typeof cursor === 'string') return positionAnchor(threadId, cursor, 'itemsByCreatedAtOrdinal');
  if (turnId !== undefined) {
    for await (const { item, position } of history.items({ turnId })) {
      if (item.id === cursor.itemId) return { position, includeAnchor: false };
    }
  }
  throw unknownItem();
}

/**
 * A legacy cursor names a turn, a paginated one a position. Each kind fits only its own threads
 * (docs/protocol/threads.md §5).
 */
function turnAnchor(threadId: ThreadId, history: ThreadHistory, cursor: string): Anchor {
  if (history.historyMode === 'paginated') return positionAnchor(threadId, cursor, 'turns');
  const { turnId, includeAnchor } = parseCursor(cursor);
  if (typeof turnId === 'string' && typeof includeAnchor === 'boolean') {
    const index = history.indexOfTurn(turnId);
    if (index === -1) throw cursorError('anchor turn is no longer present');
    return { position: history.positionOfTurn(index), includeAnchor };
  }
  throw cursorError(cursor);
}

function positionAnchor(threadId: ThreadId, cursor: string, kind: string): Anchor {
  const { requestedThreadId, rolloutOrdinal, includeAnchor, scope } = parseCursor(cursor);
  const fits =
    requestedThreadId === threadId &&
    typeof rolloutOrdinal === 'number' &&
    typeof includeAnchor === 'boolean' &&
    isObject(scope) &&
    scope['kind'] === kind;
  if (!fits) throw cursorError(cursor);
  return { position: rolloutOrdinal, includeAnchor };
}

/** The members of a cursor. Throws `page.cursor` if it is not a JSON object. */
export function parseCursor(cursor: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(cursor);
    if (isObject(parsed)) return parsed;
  } catch {
    // The error is thrown below.
  }
  throw cursorError(cursor);
}
