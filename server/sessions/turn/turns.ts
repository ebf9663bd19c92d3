/** Turns of loaded threads: who begins one, and who joins the one that runs (docs/protocol/turns.md §1, §7). */
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { Logger } from '../../log/log.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import { userAgent } from '../../package/user-agent.js';
import type { LiveThread, LiveTurn, ThreadState, TurnOutcome } from '../live/live-thread.js';
import { seconds } from '../live/turn-records.js';
import { ModelError, type ModelProvider } from '../model/model-provider.js';
import type { ModelInfoOf } from '../model/model-info.js';
import type { ModelProviders } from '../model/model-providers.js';
import type { ThreadStore } from '../store/records/thread-store.js';
import { newId } from '../store/records/thread-id.js';
import type { Toolbox } from '../tool-types/tool.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import { compactTurn, endTurn, runAgentLoop, tellInput, type LoopOptions, type ThreadWork } from './agent-loop.js';
import { createLiveHistory } from '../context/model-history.js';
import { runReview } from './review.js';
import { contextWindow } from '../context/token-usage.js';
import type { TurnInput } from './user-input.js';

export interface TurnsOptions {
  readonly store: Pick<ThreadStore, 'find' | 'history'>;
  readonly models: ModelProviders;
  readonly toolbox: Toolbox;
  readonly codexHome: string;
  /** Prefixes of commands that a rules file allows: the model is told of them. */
  readonly approvedPrefixes: () => readonly (readonly string[])[];
  readonly modelInfo: ModelInfoOf;
  /** Asks a local server how much room the model has; what a person should hear about it, else null. Never rejects. */
  readonly learnWindow: (state: LiveThread['state']) => Promise<string | null>;
  /** A turn is about to end: the last word about it. */
  readonly beforeEnd: (thread: LiveThread, turn: LiveTurn) => void;
  /** A turn is over, and told. */
  readonly onEnd: (thread: LiveThread, turn: LiveTurn, outcome: TurnOutcome, client: ClientIdentity) => void;
  /** See LoopOptions. */
  readonly permitted: LoopOptions['permitted'];
  readonly usage: LoopOptions['usage'];
  readonly log: Logger;
}

export interface TurnRequest {
  readonly input: TurnInput;
  readonly outputSchema: unknown;
  readonly rootTurnId: string | null;
  readonly client: ClientIdentity;
}

/** A turn that was promised; `begin` is to be called right behind the answer that tells the id. */
export interface PromisedTurn {
  readonly turnId: string;
  readonly begin: () => void;
}

export interface Turns {
  /**
   * The turn that takes the input: a new one, or the one that runs. A new one begins behind what runs and takes nothing
   * in.
   */
  submit(thread: LiveThread, request: TurnRequest): PromisedTurn;
  /**
   * The turn that was given a message with this id already, while it is the thread's latest: the same message again,
   * from a client that does not know whether it arrived, starts nothing. Null: the message is new.
   */
  repeated(thread: LiveThread, clientUserMessageId: string | null): Turn | null;
  /** Puts the input into the turn that runs. False: none does, or it takes nothing in. */
  steer(thread: LiveThread, input: TurnInput): boolean;
  /** A review in a turn of its own; null while another turn runs. */
  review(
    thread: LiveThread,
    request: { readonly label: string; readonly prompt: string },
    client: ClientIdentity,
  ): PromisedTurn | null;
  /** What runs in the thread, where it is something that takes no input. */
  kind(thread: LiveThread): 'review' | 'compact' | null;
  /** Sums the history up, in a turn of its own, behind the one that runs. Never rejects. */
  compact(thread: LiveThread, client: ClientIdentity): Promise<void>;
  /**
   * A turn that was promised and waits for the end of another one will be interrupted as it begins. False: there is
   * none.
   */
  interruptPromised(thread: LiveThread, turnId: string): boolean;
  /**
   * Changes the settings of the turn that runs, from its next request on. False: it is not that turn, or takes no
   * change.
   */
  adjust(thread: LiveThread, turnId: string, change: (state: ThreadState) => ThreadState): boolean;
  /** No turn runs, and none was promised. */
  idle(thread: LiveThread): boolean;
  /** Who began the last turn, and began turns by hand: what follows by itself goes on in its name. */
  client(thread: LiveThread): ClientIdentity | null;
}

interface Work extends ThreadWork {
  /** What the person heard last about the room that the model has. */
  windowTold: string | null;
  /** A turn that was promised and has not begun. */
  starting: { readonly id: string; interrupted: boolean } | null;
  running: { readonly id: string; readonly kind: 'turn' | 'review' | 'compact' } | null;
  latest: Latest | null;
  client: ClientIdentity | null;
}

/** The last turn that took messages. */
interface Latest {
  readonly id: string;
  readonly rootTurnId: string;
  /** Ids that clients gave to the messages in it. */
  readonly said: Set<string>;
  end: { readonly outcome: TurnOutcome; readonly startedAtMs: number; readonly atMs: number } | null;
}

export function createTurns(options: TurnsOptions): Turns {
  const { store, models, log } = options;
  const works = new WeakMap<LiveThread, Work>();
  const workOf = (thread: LiveThread): Work => {
    const known = works.get(thread);
    if (known !== undefined) return known;
    const work: Work = {
      history: createLiveHistory(thread, store),
      waiting: [],
      interject: null,
      lastModel: null,
      window: 0,
      windowTold: null,
      settingsTold: false,
      notes: [],
      adjust: null,
      starting: null,
      running: null,
      latest: null,
      client: null,
    };
    works.set(thread, work);
    return work;
  };

  /** In tokens. */
  const windowOf = ({ state }: LiveThread): number => contextWindow(state.table, options.modelInfo(state));

  /** Waits for its place, begins the turn and does its work; tells the end however it comes. Never rejects. */
  const runTurn = async (
    thread: LiveThread,
    work: Work,
    what: {
      readonly kind: 'turn' | 'review' | 'compact';
      readonly id?: string;
      readonly rootTurnId?: string | null;
      readonly client: ClientIdentity;
      /** Of the turn that fails before its work could begin. */
      readonly input?: TurnInput;
      readonly run: (loop: LoopOptions) => Promise<TurnOutcome>;
    },
  ): Promise<void> => {
    const { kind, id, rootTurnId = null, client } = what;
    let turn: LiveTurn | null = null;
    let outcome: TurnOutcome | null = null;
    try {
      const aboutWindow = await options.learnWindow(thread.state);
      while (thread.turn !== null) await thread.turn.ended;
      const interrupted = work.starting?.id === id && work.starting?.interrupted === true;
      turn = thread.beginTurn({
        ...(id === undefined ? {} : { id }),
        rootTurnId,
        modelContextWindow: windowOf(thread),
      });
      if (work.starting?.id === id) work.starting = null;
      work.running = { id: turn.id, kind };
      if (aboutWindow !== null && aboutWindow !== work.windowTold) {
        work.windowTold = aboutWindow;
        thread.events.notify('warning', { threadId: thread.id, message: aboutWindow });
      }
      if (interrupted) void thread.interrupt();
      outcome = await what.run(await loopOptions(thread, turn, work, client));
    } catch (error) {
      if (work.starting?.id === id) work.starting = null;
      const said = [...(what.input === undefined ? [] : [what.input]), ...work.waiting.splice(0)];
      if (turn !== null) for (const input of said) await keepInput(thread, turn, input);
      outcome = await failTurn(thread, turn, error);
    }
    if (turn === null) {
      // Its id was promised: whoever waits for its end must hear of it.
      if (id !== undefined) tellNeverBegun(thread, { id, rootTurnId: rootTurnId ?? id, outcome });
      return;
    }
    if (work.latest?.id === turn.id) work.latest.end = { outcome, startedAtMs: turn.startedAtMs, atMs: Date.now() };
    options.onEnd(thread, turn, outcome, client);
  };

  const begin = (thread: LiveThread, work: Work, turnId: string, request: TurnRequest): void => {
    const { rootTurnId, client, input, outputSchema } = request;
    work.client = client;
    const said = new Set(input.clientUserMessageId === null ? [] : [input.clientUserMessageId]);
    work.latest = { id: turnId, rootTurnId: rootTurnId ?? turnId, said, end: null };
    const run = (loop: LoopOptions): Promise<TurnOutcome> => runAgentLoop({ ...loop, outputSchema, first: input });
    void runTurn(thread, work, { kind: 'turn', id: turnId, rootTurnId, client, input, run });
  };

  const loopOptions = async (thread: LiveThread, turn: LiveTurn, work: Work, client: ClientIdentity) => ({
    thread,
    turn,
    work,
    provider: await providerOf(thread),
    toolbox: options.toolbox,
    codexHome: options.codexHome,
    approvedPrefixes: options.approvedPrefixes,
    modelInfo: options.modelInfo,
    permitted: options.permitted,
    usage: options.usage,
    beforeEnd: () => options.beforeEnd(thread, turn),
    originator: client.name,
    userAgent: userAgent(client),
    log,
  });

  const providerOf = async (thread: LiveThread): Promise<ModelProvider> => {
    const { table, wire } = thread.state;
    const provider = await models.find(table, wire.modelProvider);
    if (provider !== null) return provider;
    throw new ModelError(`Model provider \`${wire.modelProvider}\` not found`, 'other', 'never');
  };

  /** What the person said is not lost with a turn that could not begin its work. */
  const keepInput = async (thread: LiveThread, turn: LiveTurn, input: TurnInput): Promise<void> => {
    if (turn.ending) return;
    await tellInput({ thread, turn }, input).catch((error: unknown) =>
      log.error(`a message in thread ${thread.id} cannot be kept: ${(error as Error).message}`),
    );
  };

  const failTurn = async (thread: LiveThread, turn: LiveTurn | null, error: unknown): Promise<TurnOutcome> => {
    const message = osTroubleText(error) ?? (error as Error).message;
    if (!(error instanceof ModelError)) log.error(`a turn of thread ${thread.id} failed: ${message}`);
    const info = error instanceof ModelError ? error.info : 'other';
    const outcome: TurnOutcome = {
      status: 'failed',
      error: { message, codexErrorInfo: info, additionalDetails: null, misalignment: null },
    };
    await turn?.end(outcome);
    return outcome;
  };

  /** The id of the turn that takes input now, or will. */
  const taking = (thread: LiveThread, work: Work): string | null => {
    if (work.starting !== null) return work.latest?.id === work.starting.id ? work.starting.id : null;
    const { turn } = thread;
    return turn !== null && !turn.ending && work.running?.id === turn.id && work.running.kind === 'turn'
      ? turn.id
      : null;
  };

  const steer: Turns['steer'] = (thread, input) => {
    const work = workOf(thread);
    if (taking(thread, work) === null) return false;
    const { clientUserMessageId: id } = input;
    if (id !== null && work.latest?.said.has(id) === true) return true;
    if (id !== null) work.latest?.said.add(id);
    work.waiting.push(input);
    work.interject?.();
    return true;
  };

  return {
    submit(thread, request) {
      const work = workOf(thread);
      const running = taking(thread, work);
      if (running !== null) {
        return {
          turnId: running,
          begin: () => {
            if (!steer(thread, request.input)) begin(thread, work, newId(), request);
          },
        };
      }
      const turnId = newId();
      // Turns that wait for another one's end begin in the order in which they were promised.
      if (work.starting === null) work.starting = { id: turnId, interrupted: false };
      work.latest = { id: turnId, rootTurnId: request.rootTurnId ?? turnId, said: new Set(), end: null };
      return { turnId, begin: () => begin(thread, work, turnId, request) };
    },
    repeated(thread, clientUserMessageId) {
      const { latest } = workOf(thread);
      if (latest === null || clientUserMessageId === null || !latest.said.has(clientUserMessageId)) return null;
      return wireTurn(latest);
    },
    steer,
    kind(thread) {
      const { running } = workOf(thread);
      return running === null || running.id !== thread.turn?.id || running.kind === 'turn' ? null : running.kind;
    },
    review(thread, request, client) {
      const work = workOf(thread);
      if (work.starting !== null || (thread.turn !== null && !thread.turn.ending)) return null;
      const id = newId();
      work.starting = { id, interrupted: false };
      const run = async (loop: LoopOptions): Promise<TurnOutcome> => endTurn(loop, await runReview(loop, request));
      work.client = client;
      return { turnId: id, begin: () => void runTurn(thread, work, { kind: 'review', id, client, run }) };
    },
    async compact(thread, client) {
      const work = workOf(thread);
      work.client = client;
      await runTurn(thread, work, { kind: 'compact', client, run: compactTurn });
    },
    interruptPromised(thread, turnId) {
      const { starting } = workOf(thread);
      if (starting?.id !== turnId) return false;
      starting.interrupted = true;
      return true;
    },
    adjust(thread, turnId, change) {
      const work = workOf(thread);
      if (thread.turn?.id !== turnId || thread.turn.ending || work.adjust === null) return false;
      work.adjust(change);
      return true;
    },
    idle: (thread) => thread.turn === null && workOf(thread).starting === null,
    client: (thread) => workOf(thread).client,
  };
}

/** The disk took nothing, not even its beginning. */
function tellNeverBegun(
  { id: threadId, events }: LiveThread,
  { id, rootTurnId, outcome }: { readonly id: string; readonly rootTurnId: string; readonly outcome: TurnOutcome },
): void {
  const atMs = Date.now();
  const turn = wireTurn({ id, rootTurnId, said: new Set(), end: { outcome, startedAtMs: atMs, atMs } });
  if (turn.error !== null) events.notify('error', { error: turn.error, willRetry: false, threadId, turnId: id });
  events.notify('turn/completed', { threadId, turn });
}

/** As clients see it that do not follow it. */
function wireTurn({ id, rootTurnId, end }: Latest): Turn {
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

/** A turn before anything of it happened. */
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
