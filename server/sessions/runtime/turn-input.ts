/** A person's message that waits for its place in a turn (docs/protocol/turns.md §1 "Input kinds"). */
import type { RequestParams } from '../../../schema/registry.js';
import type { HistoryItem } from '../model/provider/model-provider.js';

/** One decoded part of a person's message. */
export type InputPart = RequestParams<'turn/start'>['input'][number];

/** One message that waits for its place in a turn. */
export interface TurnInput {
  readonly input: readonly InputPart[];
  readonly clientUserMessageId: string | null;
  /** Items that come before the message: `additionalContext`. */
  readonly before: readonly HistoryItem[];
  /** `toolOutput`, which replaces the message. */
  readonly toolOutput: ToolOutputInput | null;
}

type GivenOutput = NonNullable<RequestParams<'turn/start'>['toolOutput']>;

export interface ToolOutputInput extends Pick<GivenOutput, 'name' | 'output'> {
  readonly namespace: string | null;
}
