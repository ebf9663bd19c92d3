/**
 * A tool that the model can call (docs/protocol/turns.md §4). Each tool has its own file; the toolbox passes calls to
 * it.
 */
import type { ThreadState } from '../runtime/thread-state.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { ToolDefinition } from '../model/provider/model-provider.js';
import type { CallOutputItem } from '../store/records/history-item.js';
import type { SideQuestions } from '../context/side-questions.js';

/** A call as the model made it. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly namespace: string | null;
  /** `function`: the arguments as JSON; `custom`: free text. */
  readonly kind: 'function' | 'custom';
  readonly input: string;
}

/** The thread, the turn and the services with which a tool runs. */
export interface ToolContext {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  /** The state at the beginning of the turn: later changes of the thread's settings apply to the next turn. */
  readonly state: ThreadState;
  /** Aborted when the turn is interrupted. */
  readonly signal: AbortSignal;
  /** The thread's model, for questions beside the turn. */
  readonly sideQuestions: SideQuestions;
  /** Sends the model a developer message after all running calls have their outputs. */
  note(text: string): void;
  /** Ends the whole turn as interrupted: the person chose `cancel`. */
  cancelTurn(): void;
  /** The call did what it was for: hooks learn the response. Absent: nobody wants to know. */
  responded?(response: ToolResponse): void;
}

/** What hooks learn of a call before it runs (docs/protocol/services.md §6). */
export interface HookedCall {
  /** The name for hooks, then its other names for matchers. Not empty. */
  readonly names: readonly string[];
  readonly input: unknown;
  /** The command line that the model reads in a refusal; absent: it reads the name. */
  readonly commandLine?: string;
  /** The call with the input of a hook; a text: it cannot have it, and this is its output. */
  withInput(input: unknown): ToolCall | string;
  /** The form of the call with a changed input. Absent: the input is the arguments. */
  again?(call: ToolCall): HookedCall | null;
  /** Another form of the same call, for hooks that are not for this one. */
  readonly also?: HookedCall;
}

/** What a call returned, as hooks see it. */
export interface ToolResponse {
  readonly response: unknown;
  /** An earlier call to which the response belongs; absent: this one. */
  readonly about?: { readonly callId: string; readonly names: readonly string[]; readonly input: unknown };
}

/** The output for the model: text, or content parts (images). */
export type ToolOutput = string | readonly { readonly type: string; readonly [member: string]: unknown }[];

/** A call whose input the model still writes. */
export type StreamedCall = Pick<ToolCall, 'callId' | 'name' | 'namespace' | 'kind'>;

/** Follows the input of a call. A response that is cut off has no end. */
export interface InputWatch {
  push(delta: string): void;
  /** The input is complete. The call runs next. */
  end(): void;
}

export type WatchContext = Pick<ToolContext, 'thread' | 'turn' | 'state'>;

export interface Tool {
  readonly name: string;
  /**
   * Null: this state does not offer the tool (features, model). The result is byte-identical for equal states, because
   * the prompt cache depends on it.
   */
  definition(state: ThreadState): ToolDefinition | null;
  /** The call may change files: it runs alone, in the order of the calls. Absent: no call does. */
  changesFiles?(call: ToolCall): boolean;
  /** Follows the input of a call as it is written. Absent, or null: the tool waits for the whole of it. */
  watchInput?(call: StreamedCall, context: WatchContext): InputWatch | null;
  /** What hooks learn of a call; null: nothing. Absent: its name and its arguments. */
  hooked?(call: ToolCall, context: Pick<ToolContext, 'state'>): HookedCall | null;
  /**
   * Never rejects or throws because of the model's input: it answers malformed arguments. Rejects only if the turn was
   * aborted, or for a fault of codexd, which is logged and reported to the model.
   */
  run(call: ToolCall, context: ToolContext): ToolOutput | Promise<ToolOutput>;
}

/** What decides, beside the state, which tools there are: the servers that run for the thread. */
export type ToolThread = Pick<TurnThread, 'runtime'>;

export interface Toolbox {
  /** In the order of docs/protocol/turns.md §4. */
  definitions(state: ThreadState, thread: ToolThread): readonly ToolDefinition[];
  /** Whether the call has to run alone. */
  changesFiles(call: ToolCall, state: ThreadState, thread: ToolThread): boolean;
  /** Null: no tool follows the input of this call. */
  watchInput(call: StreamedCall, context: WatchContext): InputWatch | null;
  /** The item that answers the call in the model's history; rejects only if it is aborted. */
  run(call: ToolCall, context: ToolContext): Promise<CallOutputItem>;
}
