/** Turns of loaded threads: who begins one, and who joins the one that runs (spec/turns.md §1, §7). */
import type { Logger } from '../../log.js';
import type { ClientIdentity } from '../../rpc/caller.js';
import { userAgent } from '../../user-agent.js';
import type { LiveThread, LiveTurn } from '../live/live-thread.js';
import { ModelError, type ModelProvider } from '../model/model-provider.js';
import type { ModelInfoOf } from '../model/model-info.js';
import type { ModelProviders } from '../model/model-providers.js';
import type { ThreadStore } from '../store/thread-store.js';
import { newId } from '../thread-id.js';
import type { Toolbox } from '../tools/tool.js';
import { compactTurn, endTurn, runAgentLoop, type ThreadWork } from './agent-loop.js';
import { createLiveHistory } from './model-history.js';
import { runReview } from './review.js';
import { contextWindow } from './token-usage.js';
import type { TurnInput } from './user-input.js';

export interface TurnsOptions {
  readonly store: Pick<ThreadStore, 'find' | 'history'>;
  readonly models: ModelProviders;
  readonly toolbox: Toolbox;
  readonly codexHome: string;
  /** Prefixes of commands that a rules file allows: the model is told of them. */
  readonly approvedPrefixes: () => readonly (readonly string[])[];
  readonly modelInfo: ModelInfoOf;
  /** A turn is about to end: the last word about it. */
  readonly beforeEnd: (thread: LiveThread, turn: LiveTurn) => void;
  /** A turn is complete, and told. */
  readonly onComplete: (thread: LiveThread, turn: LiveTurn, client: string) => void;
  readonly log: Logger;
}

export interface TurnRequest {
  readonly input: TurnInput;
  readonly outputSchema: unknown;
  readonly rootTurnId: string | null;
  readonly client: ClientIdentity;
}

export interface Turns {
  /**
   * The turn that takes the input: a new one, or the one that runs. `begin` is to be called right behind the answer that
   * tells the id.
   */
  submit(thread: LiveThread, request: TurnRequest): { readonly turnId: string; readonly begin: () => void };
  /** Puts the input into the turn that runs. False: none does, or it takes nothing in any more. */
  steer(thread: LiveThread, input: TurnInput): boolean;
  /** A review in a turn of its own; null while another turn runs. */
  review(
    thread: LiveThread,
    request: { readonly label: string; readonly prompt: string },
    client: ClientIdentity,
  ): { readonly turnId: string; readonly begin: () => void } | null;
  /** A review runs: it takes no input. */
  reviews(thread: LiveThread): boolean;
  /** Sums the history up, in a turn of its own, behind the one that runs. Never rejects. */
  compact(thread: LiveThread, client: ClientIdentity): Promise<void>;
}

interface Work extends ThreadWork {
  /** The id of a turn that was promised and has not begun. */
  starting: string | null;
  reviewing: boolean;
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
      settingsTold: false,
      starting: null,
      reviewing: false,
    };
    works.set(thread, work);
    return work;
  };

  /** In tokens. */
  const windowOf = ({ state }: LiveThread): number => contextWindow(state.table, options.modelInfo(state));

  const begin = async (thread: LiveThread, work: Work, turnId: string, request: TurnRequest): Promise<void> => {
    let turn: LiveTurn | null = null;
    try {
      while (thread.turn !== null) await thread.turn.ended;
      turn = thread.beginTurn({
        id: turnId,
        rootTurnId: request.rootTurnId,
        modelContextWindow: windowOf(thread),
      });
      work.starting = null;
      const loop = await loopOptions(thread, turn, work, request.client);
      const { status } = await runAgentLoop({ ...loop, outputSchema: request.outputSchema, first: request.input });
      if (status === 'completed') options.onComplete(thread, turn, request.client.name);
    } catch (error) {
      work.starting = null;
      await failTurn(thread, turn, error);
    }
  };

  const beginReview = async (
    thread: LiveThread,
    work: Work,
    turnId: string,
    request: { readonly label: string; readonly prompt: string },
    client: ClientIdentity,
  ): Promise<void> => {
    let turn: LiveTurn | null = null;
    try {
      while (thread.turn !== null) await thread.turn.ended;
      turn = thread.beginTurn({ id: turnId, modelContextWindow: windowOf(thread) });
      work.starting = null;
      work.reviewing = true;
      const loop = await loopOptions(thread, turn, work, client);
      await endTurn(loop, await runReview(loop, request));
    } catch (error) {
      work.starting = null;
      await failTurn(thread, turn, error);
    } finally {
      work.reviewing = false;
    }
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

  const failTurn = async (thread: LiveThread, turn: LiveTurn | null, error: unknown): Promise<void> => {
    const { message } = error as Error;
    if (!(error instanceof ModelError)) log.error(`a turn of thread ${thread.id} failed: ${message}`);
    const info = error instanceof ModelError ? error.info : 'other';
    await turn?.end({
      status: 'failed',
      error: { message, codexErrorInfo: info, additionalDetails: null, misalignment: null },
    });
  };

  const steer: Turns['steer'] = (thread, input) => {
    const work = workOf(thread);
    const runs = work.starting !== null || (thread.turn !== null && !thread.turn.ending);
    if (!runs) return false;
    work.waiting.push(input);
    work.interject?.();
    return true;
  };

  return {
    submit(thread, request) {
      const work = workOf(thread);
      const running = work.starting ?? (thread.turn?.ending === false ? thread.turn.id : null);
      if (running !== null) {
        return {
          turnId: running,
          begin: () => void (steer(thread, request.input) || begin(thread, work, newId(), request)),
        };
      }
      const turnId = newId();
      work.starting = turnId;
      return { turnId, begin: () => void begin(thread, work, turnId, request) };
    },
    steer,
    reviews: (thread) => workOf(thread).reviewing,
    review(thread, request, client) {
      const work = workOf(thread);
      if (work.starting !== null || (thread.turn !== null && !thread.turn.ending)) return null;
      const turnId = newId();
      work.starting = turnId;
      return { turnId, begin: () => void beginReview(thread, work, turnId, request, client) };
    },
    async compact(thread, client) {
      const work = workOf(thread);
      while (thread.turn !== null) await thread.turn.ended;
      let turn: LiveTurn | null = null;
      try {
        turn = thread.beginTurn({ modelContextWindow: windowOf(thread) });
        await compactTurn(await loopOptions(thread, turn, work, client));
      } catch (error) {
        await failTurn(thread, turn, error);
      }
    },
  };
}
