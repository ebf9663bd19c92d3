/** Begins turns of loaded threads, and adds messages to the running one (docs/protocol/turns.md §1, §7). */
import { describe } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import type { LiveThread, LiveTurn, ThreadState, TurnOutcome } from '../live/live-thread.js';
import { seconds } from '../live/turn-records.js';
import { ModelError, type ModelProvider } from '../model/provider/model-provider.js';
import type { ModelInfoOf } from '../model/model-info.js';
import type { ModelProviders } from '../model/model-providers.js';
import type { LatestTurn } from '../runtime/schedule.js';
import { newId } from '../store/records/thread-id.js';
import type { Toolbox } from '../tool-types/tool.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import { compactTurn, endTurn, runAgentLoop, recordInput, type LoopDaemon, type LoopOptions } from './agent-loop.js';
import { runReview } from './review.js';
import { contextWindow } from '../context/token-usage.js';
import { acceptedProvider } from '../context/accepted-provider.js';
import type { TurnInput } from './user-input.js';

export interface TurnsOptions extends LoopDaemon {
  readonly models: ModelProviders;
  readonly toolbox: Toolbox;
  readonly modelInfo: ModelInfoOf;
  /**
   * Asks a local server for the model's context window; resolves to a warning for the person, or null. Never rejects.
   */
  readonly learnWindow: (state: LiveThread['state']) => Promise<string | null>;
  /** Called after a turn has ended and clients were notified. */
  readonly onEnd: (thread: LiveThread, turn: LiveTurn, outcome: TurnOutcome, client: ClientIdentity) => void;
}

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
  /** No turn is running, and none was promised. */
  idle(thread: LiveThread): boolean;
  /** The client that last began a turn by a request. Turns that follow automatically use its name. */
  client(thread: LiveThread): ClientIdentity | null;
}

/** The loop's options with the real thread and turn, not a view of them. */
type TurnLoop = LoopOptions & { readonly thread: LiveThread; readonly turn: LiveTurn };

export function createTurns(options: TurnsOptions): Turns {
  const { models, log } = options;

  /** In tokens. */
  const windowOf = ({ state }: LiveThread): number => contextWindow(state.table, options.modelInfo(state));

  /** Waits for its place, begins the turn, does its work and reports its end in every case. Never rejects. */
  const runTurn = async (
    thread: LiveThread,
    what: {
      readonly kind: 'turn' | 'review' | 'compact';
      readonly id?: string;
      readonly rootTurnId?: string | null;
      readonly client: ClientIdentity;
      /** The input of a turn that fails before its work begins. */
      readonly input?: TurnInput;
      readonly run: (loop: TurnLoop) => Promise<TurnOutcome>;
    },
  ): Promise<void> => {
    const { kind, id, rootTurnId = null, client } = what;
    const { schedule, work } = thread.runtime;
    let turn: LiveTurn | null = null;
    let outcome: TurnOutcome | null = null;
    try {
      const aboutWindow = await options.learnWindow(thread.state);
      while (thread.turn !== null) await thread.turn.ended;
      const interrupted = schedule.starting?.id === id && schedule.starting?.interrupted === true;
      turn = thread.beginTurn({
        ...(id === undefined ? {} : { id }),
        rootTurnId,
        modelContextWindow: windowOf(thread),
      });
      if (schedule.starting?.id === id) schedule.starting = null;
      schedule.running = { id: turn.id, kind };
      if (aboutWindow !== null && aboutWindow !== schedule.windowWarning) {
        schedule.windowWarning = aboutWindow;
        thread.events.notify('warning', { threadId: thread.id, message: aboutWindow });
      }
      if (interrupted) void thread.interrupt();
      outcome = await what.run(await loopOptions(thread, turn, kind, client));
    } catch (error) {
      if (schedule.starting?.id === id) schedule.starting = null;
      const said = [...(what.input === undefined ? [] : [what.input]), ...work.waiting.splice(0)];
      if (turn !== null) for (const input of said) await keepInput(thread, turn, input);
      outcome = await failTurn(thread, turn, error);
    }
    if (turn === null) {
      // The id was promised: clients that wait for the turn's end must be notified.
      if (id !== undefined) notifyNeverBegun(thread, { id, rootTurnId: rootTurnId ?? id, outcome });
      return;
    }
    if (schedule.latest?.id === turn.id)
      schedule.latest.end = { outcome, startedAtMs: turn.startedAtMs, atMs: Date.now() };
    options.onEnd(thread, turn, outcome, client);
  };

  const begin = (thread: LiveThread, turnId: string, request: TurnRequest): void => {
    const { rootTurnId, client, input, outputSchema } = request;
    const { schedule } = thread.runtime;
    schedule.client = client;
    const said = new Set(input.clientUserMessageId === null ? [] : [input.clientUserMessageId]);
    schedule.latest = { id: turnId, rootTurnId: rootTurnId ?? turnId, said, end: null };
    const run = (loop: TurnLoop): Promise<TurnOutcome> => runAgentLoop({ ...loop, outputSchema, first: input });
    void runTurn(thread, { kind: 'turn', id: turnId, rootTurnId, client, input, run });
  };

  const loopOptions = async (
    thread: LiveThread,
    turn: LiveTurn,
    kind: 'turn' | 'review' | 'compact',
    client: ClientIdentity,
  ): Promise<TurnLoop> => ({
    thread,
    turn,
    model: {
      provider: acceptedProvider(await providerOf(thread), thread),
      infoOf: options.modelInfo,
      client,
      kind: kind === 'review' ? 'review' : 'turn',
    },
    toolbox: options.toolbox,
    daemon: options,
  });

  const providerOf = async (thread: LiveThread): Promise<ModelProvider> => {
    const { table, wire } = thread.state;
    const provider = await models.find(table, wire.modelProvider);
    if (provider !== null) return provider;
    throw new ModelError(`Model provider \`${wire.modelProvider}\` not found`, 'other', 'never');
  };

  /** The person's message is stored even if the turn cannot begin its work. */
  const keepInput = async (thread: LiveThread, turn: LiveTurn, input: TurnInput): Promise<void> => {
    if (turn.ending) return;
    await recordInput({ thread, turn, model: { infoOf: options.modelInfo } }, input).catch((error: unknown) =>
      log.error(...describe(`a message in thread ${thread.id} cannot be kept`, error)),
    );
  };

  const failTurn = async (thread: LiveThread, turn: LiveTurn | null, error: unknown): Promise<TurnOutcome> => {
    const message = osTroubleText(error) ?? messageOf(error);
    if (!(error instanceof ModelError)) log.error(...describe(`a turn of thread ${thread.id} failed`, error));
    const info = error instanceof ModelError ? error.info : 'other';
    const outcome: TurnOutcome = {
      status: 'failed',
      error: { message, codexErrorInfo: info, additionalDetails: null, misalignment: null },
    };
    await turn?.end(outcome);
    return outcome;
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
    idle: (thread) => thread.turn === null && thread.runtime.schedule.starting === null,
    client: (thread) => thread.runtime.schedule.client,
  };
}

/** The disk refused even the turn's beginning. */
function notifyNeverBegun(
  { id: threadId, events }: LiveThread,
  { id, rootTurnId, outcome }: { readonly id: string; readonly rootTurnId: string; readonly outcome: TurnOutcome },
): void {
  const atMs = Date.now();
  const turn = wireTurn({ id, rootTurnId, said: new Set(), end: { outcome, startedAtMs: atMs, atMs } });
  if (turn.error !== null) events.notify('error', { error: turn.error, willRetry: false, threadId, turnId: id });
  events.notify('turn/completed', { threadId, turn });
}

/** The turn in the form for clients that are not subscribed. */
function wireTurn({ id, rootTurnId, end }: LatestTurn): Turn {
  const begun = promised(id, rootTurnId);
  if (end === null) return begun;
  const { outcome, startedAtMs, atMs } = end;
  return {
    ...begun,
    status: outcome.status,
    error: outcome.status === 'failed' ? outcome.error : null,
    startedAt: seconds(startedAtMs),
    completedAt: seconds(atMs),
    durationMs: atMs - startedAtMs,
  };
}

/** A turn before its beginning. */
export const promised = (id: string, rootTurnId: string): Turn => ({
  id,
  rootTurnId,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: null,
  completedAt: null,
  durationMs: null,
});
