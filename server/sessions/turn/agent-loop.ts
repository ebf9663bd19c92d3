/**
 * The agent loop: sends context and input to the model, runs its calls and returns their outputs, until the model makes
 * no more calls (docs/protocol/turns.md §1 to §9).
 *
 * Rule: the history only grows. Everything for the model is on disk before it is sent, so a turn that is interrupted at
 * any point can be continued.
 */
import { describe } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TurnError } from '../../../schema/protocol/threads/turn.js';
import type { Logger } from '../../log/log.js';
import { userAgent } from '../../package/user-agent.js';
import type { ClientIdentity } from '../../rpc/connection/caller.js';
import type { Goals } from '../agenda/goals.js';
import { withGrants } from '../approvals/extra-permissions.js';
import { baseMessage, turnContext } from '../context/turn-context.js';
import { settingsRecord } from '../live/settings-record.js';
import type { LiveTurn, ThreadState, TurnOutcome } from '../live/live-thread.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { ModelInfo, ModelInfoOf } from '../model/model-info.js';
import {
  ModelError,
  type HistoryItem,
  type ModelProvider,
  type ModelRequest,
} from '../model/provider/model-provider.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import type { ToolCall, ToolContext, Toolbox } from '../tool-types/tool.js';
import { newId } from '../store/records/thread-id.js';
import { notifyLastTurnDiff } from '../tools/apply-patch/apply-patch.js';
import { answer } from '../tools/toolbox.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import { createSideQuestions } from '../context/side-questions.js';
import { compact, isOverflowError } from '../context/compaction.js';
import { CallOrder } from './call-order.js';
import { createResponseItems } from './response-items.js';
import { compactLimit, contextWindow, countUsage, estimateUsage, markFull } from '../context/token-usage.js';
import { turnContextRecord } from './turn-context-record.js';
import { writeInput, type TurnInput } from './user-input.js';

/** The thread, the turn and the services of a turn's work. */
export interface LoopOptions {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly model: TurnModel;
  readonly toolbox: Toolbox;
  readonly daemon: LoopDaemon;
}

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

/** Services that all turns of the daemon share. */
export interface LoopDaemon {
  readonly codexHome: string;
  /** Prefixes of commands that a rules file allows: the model receives them. */
  readonly approvedPrefixes: () => readonly (readonly string[])[];
  readonly goals: Pick<Goals, 'used'>;
  readonly log: Logger;
}

/** The options with the real turn, which ends with the work, and not only the work's view of it. */
export type Ending<Options extends LoopOptions> = Options & { readonly turn: Pick<LiveTurn, 'end'> };

export interface AgentLoopOptions extends LoopOptions {
  readonly first: TurnInput;
  /** A JSON schema for the last message; null or undefined: none. */
  readonly outputSchema: unknown;
}

/** The first wait, in milliseconds, before a broken stream is requested again; it doubles. */
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 10_000;

/** Runs the turn to its end and reports the end. Never rejects. */
export async function runAgentLoop(options: Ending<AgentLoopOptions>): Promise<TurnOutcome> {
  return endTurn(options, await runInTurn(options, options.first, options.outputSchema));
}

/** A turn that only summarises the history. Never rejects. */
export async function compactTurn(options: Ending<LoopOptions>): Promise<TurnOutcome> {
  return endTurn(
    options,
    await outcomeOf(options, async () => {
      await new AgentLoop(options, null).compact();
      return { status: 'completed' };
    }),
  );
}

/** Runs the loop in a turn that continues afterwards. Never rejects. */
export function runInTurn(options: LoopOptions, first: TurnInput, outputSchema?: unknown): Promise<TurnOutcome> {
  return outcomeOf(options, () => new AgentLoop(options, outputSchema).run(first));
}

/** Ends the turn and reports it. Messages that came too late are written for the next turn. */
export async function endTurn(options: Ending<LoopOptions>, outcome: TurnOutcome): Promise<TurnOutcome> {
  const { thread, turn, model, daemon } = options;
  const { waiting } = thread.runtime.work;
  for (let input = waiting.shift(); input !== undefined; input = waiting.shift())
    await recordInput(options, input).catch((error: unknown) =>
      daemon.log.error(...describe('what was typed cannot be shown', error)),
    );
  // A review reports it before its closing items.
  if (model.kind !== 'review') notifyLastTurnDiff(thread, turn);
  await turn.end(outcome);
  return outcome;
}

async function outcomeOf(options: LoopOptions, run: () => Promise<TurnOutcome>): Promise<TurnOutcome> {
  const { turn, thread, daemon } = options;
  try {
    return await run();
  } catch (error) {
    if (turn.signal.aborted) return { status: 'interrupted' };
    if (!(error instanceof ModelError))
      daemon.log.error(...describe(`turn ${turn.id} of thread ${thread.id} failed`, error));
    return { status: 'failed', error: turnError(error) };
  }
}

class AgentLoop {
  readonly #o: LoopOptions;
  readonly #outputSchema: unknown;
  #state: ThreadState;
  /** Settings changed while the turn runs, so the model needs the new context. */
  #adjusted = false;
  readonly #base: HistoryItem | null;

  constructor(options: LoopOptions, outputSchema: unknown) {
    this.#o = options;
    this.#outputSchema = outputSchema ?? null;
    this.#state = options.thread.state;
    const { baseInstructions, table } = this.#state;
    const configured = typeof table.instructions === 'string' ? table.instructions : null;
    const { baseInstructions: ofModel } = this.#model();
    this.#base = baseMessage(options.thread.id, baseInstructions ?? configured ?? ofModel);
  }

  async run(first: TurnInput): Promise<TurnOutcome> {
    const { thread, turn } = this.#o;
    const { work, mcp } = thread.runtime;
    try {
      // What the model is offered is complete from its first request on.
      await mcp.ready(turn.signal);
      if (this.#isFull()) await this.compact();
      thread.record(await this.#context());
    } finally {
      // The person's message is stored even if the turn fails.
      await recordInput(this.#o, first);
    }
    work.adjust = (change) => {
      this.#state = change(this.#state);
      this.#adjusted = true;
    };
    try {
      return await this.#answer();
    } finally {
      work.adjust = null;
    }
  }

  async #answer(): Promise<TurnOutcome> {
    const { thread, turn } = this.#o;
    const { work } = thread.runtime;
    for (;;) {
      if (this.#adjusted) {
        this.#adjusted = false;
        thread.record(await this.#context());
      }
      const answered = await this.#ask();
      turn.signal.throwIfAborted();
      const said = work.waiting.splice(0);
      for (const input of said) await recordInput(this.#o, input);
      if (answered === 'final' && said.length === 0 && work.waiting.length === 0) return { status: 'completed' };
      if (this.#isFull()) await this.compact();
    }
  }

  /** New context for the model, and the settings of the turn. */
  async #context(): Promise<NewRecord[]> {
    const { thread, turn, daemon } = this.#o;
    const { work } = thread.runtime;
    const context = turnContext({
      state: this.#state,
      codexHome: daemon.codexHome,
      history: await work.history.items(),
      lastModel: work.lastModel,
      approvedPrefixes: daemon.approvedPrefixes(),
    });
    const settings = work.settingsRecorded ? [] : [settingsRecord(thread.id, this.#state)];
    work.settingsRecorded = true;
    return [...context.map(record), turnContextRecord(turn, this.#state), ...settings];
  }

  /** Handles one answer of the model with all of its calls; requests broken streams again. */
  async #ask(): Promise<'called' | 'final' | 'interjected'> {
    const { turn, model, thread } = this.#o;
    const { provider } = model;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#askOnce();
      } catch (error) {
        if (!(error instanceof ModelError) || error.retry === 'never' || tries > provider.streamMaxRetries) throw error;
        thread.events.notify('error', {
          error: {
            message: `Reconnecting... ${tries}/${provider.streamMaxRetries}`,
            codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: httpStatus(error) } },
            additionalDetails: error.message,
            misalignment: null,
          },
          willRetry: true,
          threadId: thread.id,
          turnId: turn.id,
        });
        const wait = Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), MAX_RETRY_MS) * (0.9 + Math.random() * 0.2);
        await sleep(error.retryAfterMs ?? wait, undefined, { signal: turn.signal });
      }
    }
  }

  async #askOnce(): Promise<'called' | 'final' | 'interjected'> {
    const { thread, turn, model, toolbox, daemon } = this.#o;
    const { work } = thread.runtime;
    const order = new CallOrder();
    const stop = new AbortController();
    const signal = AbortSignal.any([turn.signal, stop.signal]);
    const calls: Promise<void>[] = [];
    let answered: Promise<void> = Promise.resolve();
    const items = createResponseItems({
      thread,
      turn,
      planMode: this.#state.wire.collaborationMode.mode === 'plan',
      watchInput: (call) => toolbox.watchInput(call, { thread, turn, state: this.#state }),
      call: (call) => {
        const output = order.run(toolbox.changesFiles(call, this.#state, thread), () => this.#run(call));
        // Outputs are written in the order of the calls, each as soon as all earlier ones are complete.
        answered = answered.then(async () => thread.record([record(await output)]));
        calls.push(answered);
      },
      unknown: (type) =>
        daemon.log.warn(`the model of thread ${thread.id} gave an item of the type "${type}", which is not known`),
    });
    thread.record(work.notes.splice(0));
    const request = await this.#request();
    work.lastModel = this.#state.wire.model;
    // Messages that came since the last answer are in this request: they must not interrupt it.
    work.interject = () => stop.abort(INTERJECTED);
    if (work.waiting.length > 0) return 'interjected';
    try {
      let bytes = 0;
      for await (const event of model.provider.stream(request, signal)) {
        if (event.type === 'notice') {
          thread.events.notify('warning', { threadId: thread.id, message: event.message });
        } else if (event.type !== 'completed') {
          if (event.type === 'item') bytes += jsonBytes(event.item);
          items.take(event);
        } else if (event.usage === null) {
          // The server reports no usage: without an estimate the history would grow beyond the window.
          estimateUsage(thread, turn, bytes + jsonBytes(request.input), this.#window());
        } else {
          countUsage(thread, turn, event.usage, event.responseId, this.#window());
          daemon.goals.used(thread, turn, event.usage);
        }
      }
    } catch (error) {
      if (!stop.signal.aborted || turn.signal.aborted) {
        // The next request comes after a compaction, whatever the count is.
        if (!turn.signal.aborted) items.brokenOff();
        if (isOverflowError(error)) markFull(thread, turn, this.#window(), this.#compactLimit());
        throw error;
      }
      items.cutOff();
      return 'interjected';
    } finally {
      work.interject = null;
      await Promise.all(calls);
      thread.record(work.notes.splice(0));
    }
    return calls.length > 0 ? 'called' : 'final';
  }

  /** The output of one call; never rejects. */
  async #run(call: ToolCall): Promise<HistoryItem> {
    const { thread, turn, toolbox, model, daemon } = this.#o;
    const { work } = thread.runtime;
    const started = performance.now();
    const context: ToolContext = {
      thread,
      turn,
      state: withGrants(thread, turn, this.#state),
      signal: turn.signal,
      sideQuestions: createSideQuestions({
        provider: model.provider,
        history: () => work.history.items(),
        request: (input) => this.#request(input),
      }),
      note: (text) => void work.notes.push(record(noteOf(text))),
      cancelTurn: () => void thread.interrupt(),
    };
    try {
      // The call may have waited for earlier calls.
      turn.signal.throwIfAborted();
      return await toolbox.run(call, context);
    } catch (error) {
      if (!turn.signal.aborted) daemon.log.error(...describe(`tool ${call.name} failed`, error));
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const text = turn.signal.aborted
        ? `Wall time: ${seconds} seconds\naborted by user`
        : `${call.name} failed: ${messageOf(error)}`;
      return answer(call, text);
    }
  }

  async #request(input?: readonly HistoryItem[]): Promise<ModelRequest> {
    const { thread, toolbox } = this.#o;
    const { wire } = this.#state;
    const history = input ?? (await thread.runtime.work.history.items());
    return {
      model: wire.model,
      input: this.#base === null ? history : [this.#base, ...history],
      tools: toolbox.definitions(this.#state, thread),
      reasoning: { effort: wire.effort ?? this.#model().defaultEffort, summary: wire.summary ?? 'auto' },
      verbosity: this.#verbosity(),
      outputSchema:
        this.#outputSchema === null ? null : { strict: true, schema: this.#outputSchema, name: 'codex_output_schema' },
      serviceTier: wire.serviceTier === 'default' ? null : (wire.serviceTier ?? null),
      identity: identityOf(this.#o, this.#o.model.kind),
    };
  }

  #isFull(): boolean {
    const { tokenUsage } = this.#o.thread;
    return tokenUsage !== null && tokenUsage.last.totalTokens >= this.#compactLimit();
  }

  /** In tokens. */
  #compactLimit(): number {
    return compactLimit(this.#state.table, this.#model());
  }

  #model(): ModelInfo {
    return this.#o.model.infoOf(this.#state);
  }

  /** In tokens. */
  #window(): number {
    return contextWindow(this.#state.table, this.#model());
  }

  /** `model_verbosity`, if the model supports it. */
  #verbosity(): string | null {
    const { verbosity } = this.#model();
    if (verbosity === null) return null;
    const { model_verbosity: asked } = this.#state.table;
    return typeof asked === 'string' ? asked : verbosity.usual;
  }

  async compact(): Promise<void> {
    const { thread, turn, model, daemon } = this.#o;
    const { work } = thread.runtime;
    const history = await work.history.items();
    await compact({
      thread,
      turn,
      provider: model.provider,
      history,
      since: async () => (await work.history.items()).slice(history.length),
      request: async (input) => ({
        ...(await this.#request(input)),
        tools: [],
        identity: identityOf(this.#o, 'compaction'),
      }),
      context: () =>
        turnContext({
          state: this.#state,
          codexHome: daemon.codexHome,
          history: [],
          lastModel: null,
          approvedPrefixes: daemon.approvedPrefixes(),
        }),
      contextWindow: this.#window(),
      baseBytes: this.#base === null ? 0 : Buffer.byteLength(JSON.stringify(this.#base)),
    });
    work.window++;
  }
}

/** The abort reason of an answer that a new message of the person stops. */
const INTERJECTED = new Error('the person said something else');

/** Shows the person's message and adds it to the history. */
export async function recordInput(
  { thread, turn, model }: Pick<LoopOptions, 'thread' | 'turn'> & { readonly model: Pick<TurnModel, 'infoOf'> },
  input: TurnInput,
): Promise<void> {
  const { item, records } = await writeInput(input, model.infoOf(thread.state));
  if (item === null) thread.record(records);
  else turn.itemCompleted(item, records);
}

const noteOf = (text: string): HistoryItem => ({
  type: 'message',
  id: `msg_${newId()}`,
  role: 'developer',
  content: [{ type: 'input_text', text }],
});

function identityOf(
  { thread, turn, model: { client } }: LoopOptions,
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

function turnError(error: unknown): TurnError {
  const message = osTroubleText(error) ?? messageOf(error);
  const codexErrorInfo = error instanceof ModelError ? error.info : 'other';
  return { message, codexErrorInfo, additionalDetails: null, misalignment: null };
}

function httpStatus({ info }: ModelError): number | null {
  return typeof info === 'object' && 'httpConnectionFailed' in info
    ? (info.httpConnectionFailed.httpStatusCode ?? null)
    : null;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const record = (payload: HistoryItem): NewRecord => ({ type: 'response_item', payload });
