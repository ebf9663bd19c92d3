/** What the parts of one response share: its thread and turn, and ids that are unique in the turn. */
import type { TurnEvents, TurnThread, WorkTurn } from '../../live/turn-thread.js';
import type { HistoryItem } from '../../model/provider/model-provider.js';
import { itemIdOf } from '../../store/records/history-item.js';
import type { NewRecord } from '../../store/records/rollout-record.js';
import { newId } from '../../store/records/thread-id.js';

export interface ResponseContext {
  readonly thread: Pick<TurnThread, 'id' | 'record'> & { readonly events: Pick<TurnEvents, 'notify'> };
  readonly turn: Pick<WorkTurn, 'id' | 'hasItem' | 'itemStarted' | 'itemChanged' | 'itemCompleted'>;
}

/** The members that name the turn in a notification. */
export const idsOf = ({ thread, turn }: ResponseContext): { readonly threadId: string; readonly turnId: string } => ({
  threadId: thread.id,
  turnId: turn.id,
});

/** A server may give an id again; clients tell the items of a turn apart by it, so the second one gets its own. */
export const unusedId = ({ turn }: ResponseContext, given: string, prefix: string): string =>
  turn.hasItem(given) ? `${prefix}_${newId()}` : given;

/** The model's id, or a new one if it gave none. */
export const givenId = (item: HistoryItem, prefix: string): string => itemIdOf(item) ?? `${prefix}_${newId()}`;

export const responseRecord = (payload: HistoryItem): NewRecord => ({ type: 'response_item', payload });
