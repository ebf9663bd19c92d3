/** What a person sends, as it waits for its place in a turn (docs/protocol/turns.md §1 "Input kinds"). */
import type { RequestParams } from '../../../schema/registry.js';
import type { HistoryItem } from '../model/provider/model-provider.js';

/** One part of what a person sends, decoded. */
export type SaidPart = RequestParams<'turn/start'>['input'][number];

/** One message that waits for its place in a turn. */
export interface TurnInput {
  readonly input: readonly SaidPart[];
  readonly clientUserMessageId: string | null;
  /** Items that come before the message: `additionalContext`. */
  readonly before: readonly HistoryItem[];
  /** `toolOutput`, in the message's place. */
  readonly toolOutput: ToolOutputInput | null;
}

export interface ToolOutputInput {
  readonly name: string;
  readonly namespace: string | null;
  readonly output: unknown;
}
