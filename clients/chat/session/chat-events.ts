/**
 * The events of a chat, in the order in which they happen. Texts are as they came: the code that shows them makes them
 * safe.
 */
import type { FileUpdateChange, ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Turn, TurnPlanStep } from '../../../schema/protocol/threads/turn.js';
import type { DeskListener } from '../questions/question-desk.js';
import type { ThreadState } from './thread-state.js';

export type Tone = 'info' | 'warning' | 'error';

/** A piece that an item grows by. */
export type Growth = { readonly itemId: string } & (
  | { readonly kind: 'message' | 'output' | 'plan' | 'progress'; readonly text: string }
  | { readonly kind: 'summary'; readonly text: string; readonly index: number }
  | { readonly kind: 'changes'; readonly changes: readonly FileUpdateChange[] }
);

export interface ChatEvents extends DeskListener {
  /**
   * A thread is shown from here on. `turns`: its latest turns, the newest last. Also after a connection that lost
   * messages.
   */
  opened(state: ThreadState, turns: readonly Turn[]): void;
  /** A member of the state has changed. */
  stateChanged(state: ThreadState): void;
  turnEnded(turn: Pick<Turn, 'status' | 'error'>): void;
  itemStarted(item: ThreadItem): void;
  itemGrew(growth: Growth): void;
  itemCompleted(item: ThreadItem): void;
  plan(plan: readonly TurnPlanStep[], explanation: string | null): void;
  note(tone: Tone, text: string): void;
}
