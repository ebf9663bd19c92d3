/** The frame of every turn: it waits for its place, begins, does its work, and ends in every case. */
import { describe } from '../../errors/describe.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import { acceptedProvider } from '../context/accepted-provider.js';
import { contextWindow } from '../context/token-usage.js';
import { withModelHooks } from '../hooks/model-hooks.js';
import type { LiveThread, LiveTurn, TurnOutcome } from '../live/live-thread.js';
import type { ModelInfoOf } from '../model/model-info.js';
import type { ModelProviders } from '../model/model-providers.js';
import { ModelError, type ModelProvider } from '../model/provider/model-provider.js';
import type { Toolbox } from '../tool-types/tool.js';
import type { LoopDaemon, LoopOptions } from './agent-loop.js';
import { turnError } from './end-turn.js';
import { notifyNeverBegun } from './promised-turn.js';
import { sayInput } from './say-input.js';
import type { TurnInput } from './user-input.js';

export interface RunTurnOptions extends LoopDaemon {
  readonly models: ModelProviders;
  readonly toolbox: Toolbox;
  readonly modelInfo: ModelInfoOf;
  /**
   * Learns what can be learnt about the model, from a local server too; resolves to a warning for the person, or null.
   * Never rejects.
   */
  readonly learnModel: (state: LiveThread['state']) => Promise<string | null>;
  /** Called after a turn has ended and clients were notified. */
  readonly onEnd: (thread: LiveThread, turn: LiveTurn, outcome: TurnOutcome, client: ClientIdentity) => void;
}

/** The loop's options with the real thread and turn, not a view of them. */
export type TurnLoop = LoopOptions & { readonly thread: LiveThread; readonly turn: LiveTurn };

export interface TurnToRun {
  readonly kind: 'turn' | 'review' | 'compact';
  /** The id that was promised to clients. Absent: none was. */
  readonly id?: string;
  readonly rootTurnId?: string | null;
  readonly client: ClientIdentity;
  /** The input of a turn that fails before its work begins. */
  readonly input?: TurnInput;
  /** The work. It ends the turn. */
  readonly run: (loop: TurnLoop) => Promise<TurnOutcome>;
}

/** Waits for its place, begins the turn, does its work and reports its end in every case. Never rejects. */
export type RunTurn = (thread: LiveThread, what: TurnToRun) => Promise<void>;

export function createRunTurn(options: RunTurnOptions): RunTurn {
  const { log } = options;

  const failTurn = async (thread: LiveThread, turn: LiveTurn | null, error: unknown): Promise<TurnOutcome> => {
    if (!(error instanceof ModelError)) log.error(...describe(`a turn of thread ${thread.id} failed`, error));
    const outcome: TurnOutcome = { status: 'failed', error: turnError(error) };
    await turn?.end(outcome);
    return outcome;
  };

  /** The person's message is stored even if the turn cannot begin its work. */
  const keepInput = async (thread: LiveThread, turn: LiveTurn, input: TurnInput): Promise<void> => {
    if (turn.ending) return;
    await sayInput({ thread, turn, model: { infoOf: options.modelInfo } }, input, { late: true }).catch(
      (error: unknown) => log.error(...describe(`a message in thread ${thread.id} cannot be kept`, error)),
    );
  };

  return async (thread, what) => {
    const { kind, id, rootTurnId = null, client } = what;
    const { schedule, work } = thread.runtime;
    let turn: LiveTurn | null = null;
    let outcome: TurnOutcome | null = null;
    try {
      const aboutModel = await options.learnModel(thread.state);
      while (thread.turn !== null) await thread.turn.ended;
      const interrupted = schedule.starting?.id === id && schedule.starting?.interrupted === true;
      turn = thread.beginTurn({
        ...(id === undefined ? {} : { id }),
        rootTurnId,
        modelContextWindow: contextWindow(thread.state.table, options.modelInfo(thread.state)),
      });
      if (schedule.starting?.id === id) schedule.starting = null;
      schedule.running = { id: turn.id, kind };
      if (aboutModel !== null && aboutModel !== schedule.modelWarning) {
        schedule.modelWarning = aboutModel;
        thread.events.notify('warning', { threadId: thread.id, message: aboutModel });
      }
      if (interrupted) void thread.interrupt();
      outcome = await what.run(await loopOptions(options, thread, turn, what));
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
}

async function loopOptions(
  options: RunTurnOptions,
  thread: LiveThread,
  turn: LiveTurn,
  { kind, client }: TurnToRun,
): Promise<TurnLoop> {
  return {
    thread,
    turn,
    model: {
      provider: await threadProvider(options.models, thread),
      infoOf: options.modelInfo,
      client,
      kind: kind === 'review' ? 'review' : 'turn',
    },
    toolbox: options.toolbox,
    daemon: options,
  };
}

/** The thread's provider with what the thread knows of it. Rejects with ModelError if there is none. */
export const threadProvider = async (models: ModelProviders, thread: LiveThread): Promise<ModelProvider> =>
  withModelHooks(acceptedProvider(await providerOf(models, thread), thread), thread);

async function providerOf(models: ModelProviders, { state }: LiveThread): Promise<ModelProvider> {
  const { table, wire } = state;
  const provider = await models.find(table, wire.modelProvider);
  if (provider !== null) return provider;
  throw new ModelError(`Model provider \`${wire.modelProvider}\` not found`, 'other', 'never');
}
