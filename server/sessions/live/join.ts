/**
 * Joins a client to a loaded thread without a gap (docs/protocol/threads.md §6). Each event is either in the snapshot
 * or in a later notification, never in both.
 *
 * Reading a history takes time, and turns may end meanwhile. Those turns are collected from memory. After the reading,
 * snapshot and subscription are one synchronous step.
 */
import type { Turn, TurnItemsView } from '../../../schema/protocol/threads/turn.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import type { Joined, LiveThread } from './live-thread.js';

export interface JoinedThread<T> extends Joined {
  /** The result of `read`. */
  readonly history: T;
  /**
   * Turns that ended since the reading began, oldest first, with all items. They replace the same turns in `history`.
   */
  readonly ended: readonly Turn[];
  /** The running turn with all items; null between turns. */
  readonly running: Turn | null;
}

export interface JoinOptions<T> {
  readonly caller: Caller;
  /** The context of the request whose answer contains the snapshot. Notifications come after that answer. */
  readonly context: Pick<RequestContext, 'afterAnswer'>;
  /** The extension's parameter of thread/resume. */
  readonly afterSequence: number | null;
  /** Reads the history from disk, as of some moment after the call. */
  readonly read: () => Promise<T>;
}

/** Rejects if `read` does; then the caller is not subscribed. Send the answer in the same turn of the event loop. */
export async function joinThread<T>(thread: LiveThread, options: JoinOptions<T>): Promise<JoinedThread<T>> {
  const meanwhile = thread.collectEnded();
  try {
    const history = await options.read();
    // No await may follow in this function.
    const running = thread.turn?.snapshot('full') ?? null;
    const joined = thread.events.join(options.caller, options.context, options.afterSequence);
    return { ...joined, history, ended: meanwhile.turns, running };
  } finally {
    meanwhile.stop();
  }
}

/**
 * Merges the `read` turns, oldest first, with turns from memory, which replace the same turns or follow them. Every
 * turn appears once.
 */
export function withLiveTurns(read: readonly Turn[], live: readonly (Turn | null)[], view: TurnItemsView): Turn[] {
  const turns = [...read];
  for (const turn of live) {
    if (!turn) continue;
    const at = turns.findIndex(({ id }) => id === turn.id);
    if (at < 0) turns.push(viewOf(turn, view));
    else turns[at] = viewOf(turn, view);
  }
  return turns;
}

/** A whole turn in the view that a client requested (docs/protocol/threads.md §5). */
export function viewOf(turn: Turn, view: TurnItemsView): Turn {
  if (view === 'full') return turn;
  if (view === 'notLoaded') return { ...turn, items: [], itemsView: view };
  const asked = turn.items.find(({ type }) => type === 'userMessage');
  const answered = turn.items.findLast(({ type }) => type === 'agentMessage');
  return { ...turn, items: [asked, answered].flatMap((item) => item ?? []), itemsView: view };
}

/** The additional members of thread/resume's answer; none if the client did not request them. */
export function resumeMembers({ sequence, caughtUp }: Joined): { sequence?: number; caughtUp?: boolean } {
  return caughtUp === null ? {} : { sequence, caughtUp };
}
