/** Begins turns of loaded threads, and adds messages to the running one (docs/protocol/turns.md §1, §7). */
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import type { LiveThread, ThreadState, TurnOutcome } from '../live/live-thread.js';
import { newId } from '../store/records/thread-id.js';
import { compactTurn, runAgentLoop } from './agent-loop.js';
import { endTurn } from './end-turn.js';
import { wireTurn } from './promised-turn.js';
import { runReview } from './review.js';
import { sample, type Sample } from './sample.js';
import { createRunTurn, threadProvider, type RunTurnOptions, type TurnLoop } from './run-turn.js';
import type { TurnInput } from './user-input.js';

export interface TurnRequest {
  readonly input: TurnInput;
  readonly outputSchema: unknown;
  readonly rootTurnId: string | null;
  readonly client: ClientIdentity;
}

/** A promised turn. Call `begin` right after the answer that contains its id. */
export interface PromisedTurn {
  readonly turnId: string;
  readonly begin: () => void;
}

export interface Turns {
  /**
   * Returns the turn that receives the input: a new one, or the running one. A new turn waits for the end of a running
   * turn that accepts no input.
   */
  submit(thread: LiveThread, request: TurnRequest): PromisedTurn;
  /**
   * The turn that has received a message with this id, if it is the thread's latest turn. A client that repeats a
   * message, because it does not know whether it arrived, starts nothing. Null: the message is new.
   */
  repeated(thread: LiveThread, clientUserMessageId: string | null): Turn | null;
  /** Adds the input to the running turn. False: no turn is running, or it accepts no input. */
  steer(thread: LiveThread, input: TurnInput): boolean;
  /** Starts a review in a turn of its own; null: another turn is running. */
  review(
    thread: LiveThread,
    request: { readonly label: string; readonly prompt: string },
    client: ClientIdentity,
  ): PromisedTurn | null;
  /** The kind of the running turn, if it accepts no input. */
  kind(thread: LiveThread): 'review' | 'compact' | null;
  /** Summarises the history in a turn of its own, after the running one. Never rejects. */
  compact(thread: LiveThread, client: ClientIdentity): Promise<void>;
  /** Interrupts a promised turn that waits for the end of another one, as soon as it begins. False: there is none. */
  interruptPromised(thread: LiveThread, turnId: string): boolean;
  /**
   * Changes the settings of the running turn from its next request on. False: another turn is running, or it accepts no
   * change.
   */
  adjust(thread: LiveThread, turnId: string, change: (state: ThreadState) => ThreadState): boolean;
  /** One request beside the turns; see sample.ts. */
  sample(thread: LiveThread, prompt: string, client: ClientIdentity, signal: AbortSignal): Promise<Sample | null>;
  /** No turn is running, and none was promised. */
  idle(thread: LiveThread): boolean;
  /** The client that last began a turn by a request. Turns that follow automatically use its name. */
  client(thread: LiveThread): ClientIdentity | null;
}

export function createTurns(options: RunTurnOptions): Turns {
  const runTurn = createRunTurn(options);

  const begin = (thread: LiveThread, turnId: string, request: TurnRequest): void => {
    const { rootTurnId, client, input, outputSchema } = request;
    const { schedule } = thread.runtime;
    schedule.client = client;
    const said = new Set(input.clientUserMessageId === null ? [] : [input.clientUserMessageId]);
    schedule.latest = { id: turnId, rootTurnId: rootTurnId ?? turnId, said, end: null };
    const run = (loop: TurnLoop): Promise<TurnOutcome> => runAgentLoop({ ...loop, outputSchema, first: input });
    void runTurn(thread, { kind: 'turn', id: turnId, rootTurnId, client, input, run });
  };

  /** The id of the turn that accepts input now, or will. */
  const taking = (thread: LiveThread): string | null => {
    const { schedule } = thread.runtime;
    if (schedule.starting !== null) return schedule.latest?.id === schedule.starting.id ? schedule.starting.id : null;
    const { turn } = thread;
    return turn !== null && !turn.ending && schedule.running?.id === turn.id && schedule.running.kind === 'turn'
      ? turn.id
      : null;
  };

  const steer: Turns['steer'] = (thread, input) => {
    const { schedule, work } = thread.runtime;
    if (taking(thread) === null) return false;
    const { clientUserMessageId: id } = input;
    if (id !== null && schedule.latest?.said.has(id) === true) return true;
    if (id !== null) schedule.latest?.said.add(id);
    work.waiting.push(input);
    work.interject?.();
    return true;
  };

  return {
    submit(thread, request) {
      const { schedule } = thread.runtime;
      const running = taking(thread);
      if (running !== null) {
        return {
          turnId: running,
          begin: () => {
            if (!steer(thread, request.input)) begin(thread, newId(), request);
          },
        };
      }
      const turnId = newId();
      // Turns that wait for the end of another one begin in the order in which they were promised.
      if (schedule.starting === null) schedule.starting = { id: turnId, interrupted: false };
      schedule.latest = { id: turnId, rootTurnId: request.rootTurnId ?? turnId, said: new Set(), end: null };
      return { turnId, begin: () => begin(thread, turnId, request) };
    },
    repeated(thread, clientUserMessageId) {
      const { latest } = thread.runtime.schedule;
      if (latest === null || clientUserMessageId === null || !latest.said.has(clientUserMessageId)) return null;
      return wireTurn(latest);
    },
    steer,
    kind(thread) {
      const { running } = thread.runtime.schedule;
      return running === null || running.id !== thread.turn?.id || running.kind === 'turn' ? null : running.kind;
    },
    review(thread, request, client) {
      const { schedule } = thread.runtime;
      if (schedule.starting !== null || (thread.turn !== null && !thread.turn.ending)) return null;
      const id = newId();
      schedule.starting = { id, interrupted: false };
      const run = async (loop: TurnLoop): Promise<TurnOutcome> => endTurn(loop, await runReview(loop, request));
      schedule.client = client;
      return { turnId: id, begin: () => void runTurn(thread, { kind: 'review', id, client, run }) };
    },
    async compact(thread, client) {
      thread.runtime.schedule.client = client;
      await runTurn(thread, { kind: 'compact', client, run: compactTurn });
    },
    interruptPromised(thread, turnId) {
      const { starting } = thread.runtime.schedule;
      if (starting?.id !== turnId) return false;
      starting.interrupted = true;
      return true;
    },
    adjust(thread, turnId, change) {
      const { work } = thread.runtime;
      if (thread.turn?.id !== turnId || thread.turn.ending || work.adjust === null) return false;
      work.adjust(change);
      return true;
    },
    async sample(thread, prompt, client, signal) {
      const { models, modelInfo: infoOf, toolbox } = options;
      return sample(
        thread,
        prompt,
        { provider: await threadProvider(models, thread), infoOf, toolbox, client },
        signal,
      );
    },
    idle: (thread) => thread.turn === null && thread.runtime.schedule.starting === null,
    client: (thread) => thread.runtime.schedule.client,
  };
}
