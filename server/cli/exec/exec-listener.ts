/** The calls that an output of `codexd exec` receives, in this order. */
import type { NotificationParams } from '../../../schema/registry.js';
import type { OpenThread } from './open-thread.js';

type Item = NotificationParams<'item/completed'>['item'];

export interface TurnEnd {
  /** Null: the turn completed. */
  readonly error: string | null;
  /** Usage of the thread so far. Null: the endpoint did not report any. */
  readonly usage: NotificationParams<'thread/tokenUsage/updated'>['tokenUsage']['total'] | null;
  /** The model's last message. Null: there is none. */
  readonly lastMessage: string | null;
}

export interface ExecListener {
  opened(thread: OpenThread, prompt: string): void;
  turnStarted(): void;
  warning(message: string): void;
  /** Called for errors that codexd retries, too. */
  error(message: string): void;
  itemStarted(item: Item): void;
  itemCompleted(item: Item): void;
  plan(plan: NotificationParams<'turn/plan/updated'>): void;
  ended(end: TurnEnd): void;
}
