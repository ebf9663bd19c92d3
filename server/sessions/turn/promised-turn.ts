/** A turn as clients see it that its thread does not hold: before its beginning, or by the facts kept of its end. */
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { LiveThread, TurnOutcome } from '../live/live-thread.js';
import { seconds } from '../live/turn-records.js';
import type { LatestTurn } from '../runtime/schedule.js';

/** A turn before its beginning. */
export const promised = (id: string, rootTurnId: string): Turn => ({
  id,
  rootTurnId,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: null,
  completedAt: null,
  durationMs: null,
});

/** The turn in the form for clients that are not subscribed. */
export function wireTurn({ id, rootTurnId, end }: Pick<LatestTurn, 'id' | 'rootTurnId' | 'end'>): Turn {
  const begun = promised(id, rootTurnId);
  if (end === null) return begun;
  const { outcome, startedAtMs, atMs } = end;
  return {
    ...begun,
    status: outcome.status,
    error: outcome.status === 'failed' ? outcome.error : null,
    startedAt: seconds(startedAtMs),
    completedAt: seconds(atMs),
    durationMs: atMs - startedAtMs,
  };
}

/** Tells the clients that wait for a promised turn of its end: the disk refused even its beginning. */
export function notifyNeverBegun(
  { id: threadId, events }: Pick<LiveThread, 'id'> & { readonly events: Pick<LiveThread['events'], 'notify'> },
  { id, rootTurnId, outcome }: { readonly id: string; readonly rootTurnId: string; readonly outcome: TurnOutcome },
): void {
  const atMs = Date.now();
  const turn = wireTurn({ id, rootTurnId, end: { outcome, startedAtMs: atMs, atMs } });
  if (turn.error !== null) events.notify('error', { error: turn.error, willRetry: false, threadId, turnId: id });
  events.notify('turn/completed', { threadId, turn });
}
