/**
 * A thread and its turn, as the work in the turn uses them: the loop, the model's answers, tools, approvals. A loaded
 * thread and its turn are such a pair; a review uses another pair (turn/review-runtime.ts).
 */
import type { LiveThread, LiveTurn, ThreadEvents } from './live-thread.js';

export interface TurnThread extends Pick<
  LiveThread,
  | 'id'
  | 'ephemeral'
  | 'state'
  | 'status'
  | 'tokenUsage'
  | 'terminals'
  | 'runtime'
  | 'record'
  | 'setTokenUsage'
  | 'flag'
  | 'interrupt'
> {
  readonly events: TurnEvents;
  /** The running turn; null between turns. */
  readonly turn: WorkTurn | null;
}

export type TurnEvents = Pick<ThreadEvents, 'notify' | 'announce' | 'drained' | 'ask'>;

export type WorkTurn = Pick<
  LiveTurn,
  | 'id'
  | 'rootTurnId'
  | 'startedAtMs'
  | 'signal'
  | 'ending'
  | 'runtime'
  | 'hasItem'
  | 'itemStarted'
  | 'itemChanged'
  | 'itemCompleted'
>;
