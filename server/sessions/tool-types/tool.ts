/** What the model can call (docs/protocol/turns.md §4). One file a tool; the toolbox hands calls to them. */
import type { ThreadState } from '../runtime/thread-state.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { HistoryItem, ToolDefinition } from '../model/provider/model-provider.js';
import type { Aside } from '../context/aside.js';

/** A call as the model made it. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly namespace: string | null;
  /** `function`: JSON text of the arguments; `custom`: free text. */
  readonly kind: 'function' | 'custom';
  readonly input: string;
}

/** What a tool runs in. */
export interface ToolContext {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  /** As it was when the turn began: later changes of the thread's settings are for the next turn. */
  readonly state: ThreadState;
  /** Aborted when the turn is interrupted. */
  readonly signal: AbortSignal;
  /** The thread's model, for questions beside the turn. */
  readonly aside: Aside;
  /** Tells the model, as the developer, once the calls that run have their outputs. */
  note(text: string): void;
  /** Ends the whole turn as interrupted: the person chose `cancel`. */
  cancelTurn(): void;
}

/** What the model is told: text, or content parts (images). */
export type ToolOutput = string | readonly { readonly type: string; readonly [member: string]: unknown }[];

export interface Tool {
  readonly name: string;
  /**
   * Null where the tool is not offered under this state (features, model). Byte-identical for equal states: the prompt
   * cache depends on it.
   */
  definition(state: ThreadState): ToolDefinition | null;
  /** The call may change files: it runs alone, in the order of the calls. Absent: no call does. */
  changesFiles?(call: ToolCall): boolean;
  /**
   * Never rejects (or throws) because of what the model sent: malformed arguments are answered. Rejects only when the
   * turn was aborted, or for a fault of our own (which ends up in the log, and as a sentence with the model).
   */
  run(call: ToolCall, context: ToolContext): ToolOutput | Promise<ToolOutput>;
}

export interface Toolbox {
  /** In the order of docs/protocol/turns.md §4. */
  definitions(state: ThreadState): readonly ToolDefinition[];
  /** Whether the call has to run alone. */
  changesFiles(call: ToolCall, state: ThreadState): boolean;
  /** The item that answers the call in the model's history; never rejects but by abort. */
  run(call: ToolCall, context: ToolContext): Promise<HistoryItem>;
}
