/** A real thread with a running turn in this process, and a model whose answers the test writes. No daemon runs. */
import type { Test } from 'tap';
import type { Logger } from '../../../server/log/log.js';
import { silentLogger } from '../../../server/log/log.js';
import type { LiveThread, LiveTurn, ThreadState } from '../../../server/sessions/live/live-thread.js';
import { createModelInfo } from '../../../server/sessions/model/model-info.js';
import type {
  HistoryItem,
  ModelEvent,
  ModelProvider,
  ModelRequest,
} from '../../../server/sessions/model/provider/model-provider.js';
import type { TurnModel } from '../../../server/sessions/turn/answer/turn-requests.js';
import type { TurnInput } from '../../../server/sessions/turn/user-input.js';
import { createWorld, notes, type WorldOptions, type MemoryClient, type Message, type World } from '../live/support.js';

/** The events of an answer; a function may wait, look at the request, or throw. */
export type Answer =
  | readonly ModelEvent[]
  | ((request: ModelRequest, signal: AbortSignal) => AsyncIterable<ModelEvent> | Iterable<ModelEvent>);

export interface Work {
  readonly world: World;
  readonly thread: LiveThread;
  readonly turn: LiveTurn;
  readonly client: MemoryClient;
  readonly model: TurnModel;
  /** The requests so far. */
  readonly asked: ModelRequest[];
  readonly log: Logger;
  /** What was logged as a warning or an error. */
  readonly logged: string[];
  /** Notifications of this method that the client received. */
  told(method: string): Message['params'][];
  /** The history of the thread, as its requests contain it. */
  history(): Promise<readonly HistoryItem[]>;
}

/** `table`: the configuration of the thread. The answers come in this order; after them the model has none. */
export async function work(
  t: Test,
  answers: readonly Answer[] = [],
  table: ThreadState['table'] = {},
  options: WorldOptions = {},
): Promise<Work> {
  const world = createWorld(t, undefined, options);
  const thread = await world.start({ table });
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  const asked: ModelRequest[] = [];
  const logged: string[] = [];
  const log: Logger = {
    ...silentLogger,
    error: (message) => void logged.push(message),
    warn: (message) => void logged.push(message),
  };
  return {
    world,
    thread,
    turn,
    client,
    model: {
      provider: scripted(answers, asked),
      infoOf: createModelInfo((message) => t.fail(message)),
      client: { name: 'test-client', version: '1.0', title: null },
      kind: 'turn',
    },
    asked,
    log,
    logged,
    told: (method) => notes(client, method).map(({ params }) => params),
    history: () => thread.runtime.work.history.items(),
  };
}

/** A model with these answers. `asked` receives the requests. */
export function scripted(answers: readonly Answer[], asked: ModelRequest[] = []): ModelProvider {
  return {
    id: 'mock',
    streamMaxRetries: 0,
    async *stream(request, signal) {
      const answer = answers[asked.length] ?? [];
      asked.push(request);
      yield* typeof answer === 'function' ? answer(request, signal) : answer;
    },
  };
}

/** A message that the model wrote. */
export const said = (text: string): ModelEvent => ({
  type: 'item',
  item: { type: 'message', id: `msg_${text}`, role: 'assistant', content: [{ type: 'output_text', text }] },
});

/** A call of the model, without arguments. */
export const called = (name: string, callId: string): ModelEvent => ({
  type: 'item',
  item: { type: 'function_call', id: `fc_${callId}`, call_id: callId, name, arguments: '{}' },
});

/** The end of an answer that used this many tokens; null: the endpoint does not say. */
export const complete = (totalTokens: number | null = 10): ModelEvent => ({
  type: 'completed',
  responseId: 'resp_1',
  usage:
    totalTokens === null
      ? null
      : {
          inputTokens: totalTokens,
          cachedInputTokens: 0,
          cacheWriteInputTokens: 0,
          outputTokens: 0,
          reasoningOutputTokens: 0,
          totalTokens,
        },
});

/** A message of the person. */
export const typed = (text: string): TurnInput => ({
  input: [{ type: 'text', text, text_elements: [] }],
  clientUserMessageId: null,
  before: [],
  toolOutput: null,
});
