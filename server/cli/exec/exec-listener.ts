/** What an output of `codexd exec` is told, in this order. */
import type { NotificationParams } from '../../../schema/registry.js';
import type { OpenThread } from './open-thread.js';

type Item = NotificationParams<'item/completed'>['item'];

export interface TurnEnd {
  /** Null: the turn ended as it should. */
  readonly error: string | null;
  /** Of the thread so far; null when the endpoint did not say. */
  readonly usage: NotificationParams<'thread/tokenUsage/updated'>['tokenUsage']['total'] | null;
  /** The model's last message; null when there is none. */
  readonly lastMessage: string | null;
}

export interface ExecListener {
  opened(thread: OpenThread, prompt: string): void;
  turnStarted(): void;
  warning(message: string): void;
  /** Also of what is tried again. */
  error(message: string): void;
  itemStarted(item: Item): void;
  itemCompleted(item: Item): void;
  plan(plan: NotificationParams<'turn/plan/updated'>): void;
  ended(end: TurnEnd): void;
}
