/** One answer of the model with its calls: the request, the items, the outputs (docs/protocol/turns.md §2, §7). */
import type { Logger } from '../../../log/log.js';
import type { Goals } from '../../agenda/goals.js';
import { withGrants } from '../../approvals/extra-permissions.js';
import { isOverflowError } from '../../context/compaction.js';
import { createSideQuestions } from '../../context/side-questions.js';
import { countUsage, estimateUsage, markFull } from '../../context/token-usage.js';
import type { ThreadState } from '../../live/live-thread.js';
import type { HistoryItem } from '../../model/provider/model-provider.js';
import type { NewRecord } from '../../store/records/rollout-record.js';
import { newId } from '../../store/records/thread-id.js';
import type { ToolContext, Toolbox } from '../../tool-types/tool.js';
import { tableAt } from '../../../config/toml/value.js';
import { answer } from '../../tools/toolbox.js';
import { callOutput } from './call-output.js';
import { CallOrder } from './call-order.js';
import { createTellingPauses } from './telling-pauses.js';
import { createResponseItems, type ResponseItems } from './response-items.js';
import type { RequestSources, TurnRequests } from './turn-requests.js';

export interface AnswerOptions extends RequestSources {
  readonly toolbox: Toolbox;
  readonly requests: TurnRequests;
  /** The settings of the turn, which may change while the model answers. */
  readonly state: () => ThreadState;
  readonly goals: Pick<Goals, 'used'>;
  readonly log: Logger;
}

/**
 * `called`: the model waits for the outputs of its calls. `final`: it made none. `interjected`: a message of the person
 * came, and ended the answer.
 */
export type AnswerEnd = 'called' | 'final' | 'interjected';

/** Rejects with ModelError, or with the reason for which the turn was aborted; all calls have their outputs then. */
export async function oneAnswer(options: AnswerOptions): Promise<AnswerEnd> {
  const { thread, turn, model, requests } = options;
  const { work } = thread.runtime;
  const stop = new AbortController();
  const signal = AbortSignal.any([turn.signal, stop.signal]);
  const calls: Promise<void>[] = [];
  let writtenUp = (_isWhole: boolean): void => {};
  const written = new Promise<boolean>((resolve) => (writtenUp = resolve));
  let isWhole = false;
  const items = itemsOf(options, calls, written);
  thread.record(work.notes.splice(0));
  const request = await requests.next();
  work.lastModel = options.state().wire.model;
  // Messages that came since the last answer are in this request: they must not interrupt it.
  work.interject = () => stop.abort(INTERJECTED);
  if (work.waiting.length > 0) return 'interjected';
  try {
    let bytes = 0;
    const pauses = createTellingPauses(thread.events);
    for await (const event of model.provider.stream(request, signal)) {
      if (event.type === 'notice') {
        thread.events.notify('warning', { threadId: thread.id, message: event.message });
      } else if (event.type !== 'completed') {
        if (event.type === 'item') bytes += jsonBytes(event.item);
        items.take(event);
      } else if (event.usage === null) {
        // The server reports no usage: without an estimate the history would grow beyond the window.
        estimateUsage(thread, turn, bytes + jsonBytes(request.input), requests.window);
      } else {
        countUsage(thread, turn, event.usage, event.responseId, requests.window);
        options.goals.used(thread, turn, event.usage);
      }
      const pause = pauses.rest();
      if (pause !== undefined) await pause;
    }
    isWhole = true;
  } catch (error) {
    if (!stop.signal.aborted || turn.signal.aborted) {
      // The next request comes after a compaction, whatever the count is.
      if (!turn.signal.aborted) items.brokenOff();
      if (isOverflowError(error)) markFull(thread, turn, requests.window, requests.compactLimit);
      throw error;
    }
    items.cutOff();
    return 'interjected';
  } finally {
    work.interject = null;
    writtenUp(isWhole);
    await Promise.all(calls);
    thread.record(work.notes.splice(0));
  }
  return calls.length > 0 ? 'called' : 'final';
}

/**
 * The items of the answer. Each call that the model makes starts at once, or after the whole answer, and is entered in
 * `calls`. `written`: the model writes no more of the answer; whether the answer is whole.
 */
function itemsOf(options: AnswerOptions, calls: Promise<void>[], written: Promise<boolean>): ResponseItems {
  const { thread, turn, toolbox, log } = options;
  const order = new CallOrder();
  let answered: Promise<unknown> = written;
  return createResponseItems({
    thread,
    turn,
    planMode: options.state().wire.collaborationMode.mode === 'plan',
    watchInput: (call) => toolbox.watchInput(call, { thread, turn, state: options.state() }),
    call: (call) => {
      const start = () =>
        order.run(toolbox.changesFiles(call, options.state(), thread), () =>
          callOutput(call, contextOf(options), { toolbox, log }),
        );
      const output = startsAtOnce(options.state())
        ? start()
        : written.then((isWhole) => (isWhole ? start() : answer(call, `${call.name} was not run: ${CUT_SHORT}`)));
      // Outputs come after all that the model wrote, in the order of the calls, however fast a call was.
      const recorded = answered.then(async () => thread.record([record(await output)]));
      answered = recorded;
      calls.push(recorded);
    },
    unknown: (type) =>
      log.warn(`the model of thread ${thread.id} gave an item of the type "${type}", which is not known`),
  });
}

/** `[responses] process_mode`. */
const startsAtOnce = ({ table }: ThreadState): boolean =>
  tableAt(table, 'responses').process_mode !== 'after_complete_response';

const CUT_SHORT = 'the answer ended before it was complete';

/** With what a call runs that starts now. */
function contextOf({ thread, turn, model, requests, state }: AnswerOptions): ToolContext {
  const { work } = thread.runtime;
  return {
    thread,
    turn,
    state: withGrants(thread, turn, state()),
    signal: turn.signal,
    sideQuestions: createSideQuestions({
      provider: model.provider,
      history: () => work.history.items(),
      request: (input) => requests.next(input),
    }),
    note: (text) => void work.notes.push(record(noteOf(text))),
    cancelTurn: () => void thread.interrupt(),
  };
}

/** The abort reason of an answer that a new message of the person stops. */
const INTERJECTED = new Error('the person said something else');

const noteOf = (text: string): HistoryItem => ({
  type: 'message',
  id: `msg_${newId()}`,
  role: 'developer',
  content: [{ type: 'input_text', text }],
});

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const record = (payload: HistoryItem): NewRecord => ({ type: 'response_item', payload });
