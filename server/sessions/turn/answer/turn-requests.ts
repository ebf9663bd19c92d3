/** The requests of a turn to its model, and the limits that the model sets (docs/protocol/turns.md §3). */
import { userAgent } from '../../../package/user-agent.js';
import type { ClientIdentity } from '../../../rpc/connection/caller.js';
import { baseMessage } from '../../context/turn-context.js';
import { compactLimit, contextWindow } from '../../context/token-usage.js';
import type { ThreadState } from '../../live/live-thread.js';
import type { TurnThread, WorkTurn } from '../../live/turn-thread.js';
import type { ModelInfo, ModelInfoOf } from '../../model/model-info.js';
import type { HistoryItem, ModelProvider, ModelRequest } from '../../model/provider/model-provider.js';
import type { Toolbox } from '../../tool-types/tool.js';

/** The model that answers, and the settings of its requests. */
export interface TurnModel {
  readonly provider: ModelProvider;
  /** The facts about the model that the state names. */
  readonly infoOf: ModelInfoOf;
  /** The client that started the turn. */
  readonly client: ClientIdentity;
  /** The purpose of the requests. */
  readonly kind: 'turn' | 'review';
}

/** What the requests of a turn are made of. */
export interface RequestSources {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly model: TurnModel;
  readonly toolbox: Pick<Toolbox, 'definitions'>;
}

/** A request beside the turns has only the id and the beginning of one (sample.ts). */
type AskingSources = Omit<RequestSources, 'turn'> & { readonly turn: Pick<WorkTurn, 'id' | 'startedAtMs'> };

export interface TurnRequests {
  /** The size of the instructions that each request begins with, in bytes of JSON. */
  readonly baseBytes: number;
  /** How many tokens the conversation may use. */
  readonly window: number;
  /** The number of tokens at which the history is summarised. */
  readonly compactLimit: number;
  /** The latest response used so many tokens that the history must be summarised before the next request. */
  readonly isFull: boolean;
  /** The next request; `input` replaces the thread's history. */
  next(input?: readonly HistoryItem[]): Promise<ModelRequest>;
  /** A request for a summary of `input`. It offers no tools. */
  summary(input: readonly HistoryItem[]): Promise<ModelRequest>;
}

/** `state`: the settings of the turn, which may change while it runs. `outputSchema`: null or undefined: none. */
export function createTurnRequests(
  sources: AskingSources,
  state: () => ThreadState,
  outputSchema?: unknown,
): TurnRequests {
  const { thread, model, toolbox } = sources;
  const info = (): ModelInfo => model.infoOf(state());
  const base = baseOf(thread.id, state(), info());
  const limit = (): number => compactLimit(state().table, info());

  const next: TurnRequests['next'] = async (input) => {
    const history = input ?? (await thread.runtime.work.history.items());
    const now = state();
    const { wire } = now;
    return {
      model: wire.model,
      input: base === null ? history : [base, ...history],
      tools: toolbox.definitions(now, thread),
      reasoning: {
        effort: wire.effort ?? info().defaultEffort,
        summary: wire.summary ?? info().usualSummary ?? 'auto',
      },
      verbosity: verbosityOf(now, info()),
      outputSchema:
        outputSchema === null || outputSchema === undefined
          ? null
          : { strict: true, schema: outputSchema, name: 'codex_output_schema' },
      serviceTier: wire.serviceTier === 'default' ? null : (wire.serviceTier ?? null),
      identity: identityOf(sources, model.kind),
    };
  };

  return {
    baseBytes: base === null ? 0 : Buffer.byteLength(JSON.stringify(base)),
    get window() {
      return contextWindow(state().table, info());
    },
    get compactLimit() {
      return limit();
    },
    get isFull() {
      const { tokenUsage } = thread;
      return tokenUsage !== null && tokenUsage.last.totalTokens >= limit();
    },
    next,
    summary: async (input) => ({ ...(await next(input)), tools: [], identity: identityOf(sources, 'compaction') }),
  };
}

/** The instructions before the history: the thread's, else the configured ones, else the model's. */
function baseOf(threadId: string, { baseInstructions, table }: ThreadState, model: ModelInfo): HistoryItem | null {
  const configured = typeof table.instructions === 'string' ? table.instructions : null;
  return baseMessage(threadId, baseInstructions ?? configured ?? model.baseInstructions);
}

/** `model_verbosity`, if the model supports it. */
function verbosityOf({ table }: ThreadState, { verbosity }: ModelInfo): string | null {
  if (verbosity === null) return null;
  const { model_verbosity: asked } = table;
  return typeof asked === 'string' ? asked : verbosity.usual;
}

function identityOf(
  { thread, turn, model: { client } }: AskingSources,
  kind: ModelRequest['identity']['kind'],
): ModelRequest['identity'] {
  return {
    threadId: thread.id,
    turnId: turn.id,
    kind,
    window: thread.runtime.work.window,
    originator: client.name,
    userAgent: userAgent(client),
    sandbox: thread.state.profile.filesystem.kind === 'unrestricted' ? 'none' : 'seccomp',
    turnStartedAtMs: turn.startedAtMs,
  };
}
