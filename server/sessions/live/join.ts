/**
 * Joins a client to a loaded thread without a gap (docs/protocol/threads.md §6): what is in the snapshot is not told
 * again, what is not in it is.
 *
 * Reading a history takes time, in which turns end. So those that end meanwhile are collected from memory, and snapshot
 * and subscription are one synchronous step after the reading.
 */
import type { Turn, TurnItemsView } from '../../../schema/protocol/threads/turn.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import type { Joined, LiveThread } from './live-thread.js';

export interface JoinedThread<T> extends Joined {
  /** What `read` read. */
  readonly history: T;
  /** Turns that have ended since the reading began, oldest first, whole: they replace what `history` knows of them. */
  readonly ended: readonly Turn[];
  /** The turn that runs, whole; null between turns. */
  readonly running: Turn | null;
}

export interface JoinOptions<T> {
  readonly caller: Caller;
  /** Of the request whose answer is to carry the snapshot: what is told comes behind it. */
  readonly context: Pick<RequestContext, 'afterAnswer'>;
  /** The extension's parameter of thread/resume. */
  readonly afterSequence: number | null;
  /** Reads the history as it is on disk at some moment from now on. */
  readonly read: () => Promise<T>;
}

/** Rejects when `read` does; the caller is not subscribed then. Answer in the same turn of the event loop. */
export async function joinThread<T>(thread: LiveThread, options: JoinOptions<T>): Promise<JoinedThread<T>> {
  const meanwhile = thread.collectEnded();
  try {
    const history = await options.read();
    // From here to the end of this function nothing may wait.
    const running = thread.turn?.snapshot('full') ?? null;
    const joined = thread.events.join(options.caller, options.context, options.afterSequence);
    return { ...joined, history, ended: meanwhile.turns, running };
  } finally {
    meanwhile.stop();
  }
}

/** `read` turns, oldest first, with those of memory in their places or behind them; every turn once. */
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

/** A whole turn as a client asked to see it (docs/protocol/threads.md §5). */
export function viewOf(turn: Turn, view: TurnItemsView): Turn {
  if (view === 'full') return turn;
  if (view === 'notLoaded') return { ...turn, items: [], itemsView: view };
  const asked = turn.items.find(({ type }) => type === 'userMessage');
  const answered = turn.items.findLast(({ type }) => type === 'agentMessage');
  return { ...turn, items: [asked, answered].flatMap((item) => item ?? []), itemsView: view };
}

/** The additive members of thread/resume's answer; none when the client did not ask for them. */
export function resumeMembers({ sequence, caughtUp }: Joined): { sequence?: number; caughtUp?: boolean } {
  return caughtUp === null ? {} : { sequence, caughtUp };
}
