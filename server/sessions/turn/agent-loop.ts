/**
 * The agent loop: sends context and input to the model, runs its calls and returns their outputs, until the model makes
 * no more calls (docs/protocol/turns.md §1 to §9).
 *
 * Rule: the history only grows. Everything for the model is on disk before it is sent, so a turn that is interrupted at
 * any point can be continued.
 */
import type { Logger } from '../../log/log.js';
import type { Goals } from '../agenda/goals.js';
import { compact } from '../context/compaction.js';
import { turnContext } from '../context/turn-context.js';
import { compactionHooks, mayStop, recordLate, sessionStarts, type CompactionTrigger } from '../hooks/turn-hooks.js';
import type { ThreadState, TurnOutcome } from '../live/live-thread.js';
import { settingsRecord } from '../live/settings-record.js';
import type { HistoryItem } from '../model/provider/model-provider.js';
import { isItem } from '../store/records/history-item.js';
import { textIn } from '../store/records/item-text.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import type { Toolbox } from '../tool-types/tool.js';
import { endTurn, outcomeOf, type Ending } from './end-turn.js';
import { oneAnswer } from './answer/one-answer.js';
import { withStreamRetries } from './answer/stream-retries.js';
import { sayInput } from './say-input.js';
import { turnContextRecord } from './turn-context-record.js';
import { createTurnRequests, type RequestSources, type TurnRequests } from './answer/turn-requests.js';
import type { TurnInput } from './user-input.js';

/** The thread, the turn and the services of a turn's work. */
export interface LoopOptions extends RequestSources {
  readonly toolbox: Toolbox;
  readonly daemon: LoopDaemon;
}

/** Services that all turns of the daemon share. */
export interface LoopDaemon {
  readonly codexHome: string;
  /** Prefixes of commands that a rules file allows: the model receives them. */
  readonly approvedPrefixes: () => readonly (readonly string[])[];
  readonly goals: Pick<Goals, 'used'>;
  readonly log: Logger;
}

export interface AgentLoopOptions extends LoopOptions {
  readonly first: TurnInput;
  /** A JSON schema for the last message; null or undefined: none. */
  readonly outputSchema: unknown;
}

/** Runs the turn to its end and reports the end. Never rejects. */
export async function runAgentLoop(options: Ending<AgentLoopOptions>): Promise<TurnOutcome> {
  return endTurn(options, await runInTurn(options, options.first, options.outputSchema));
}

/** A turn that only summarises the history. Never rejects. */
export async function compactTurn(options: Ending<LoopOptions>): Promise<TurnOutcome> {
  return endTurn(
    options,
    await outcomeOf(options, async () => {
      const compacted = await new AgentLoop(options, null).compact('manual');
      return compacted ? { status: 'completed' } : STOPPED;
    }),
  );
}

/** Runs the loop in a turn that continues afterwards. Never rejects. */
export function runInTurn(options: LoopOptions, first: TurnInput, outputSchema?: unknown): Promise<TurnOutcome> {
  return outcomeOf(options, () => new AgentLoop(options, outputSchema).run(first));
}

class AgentLoop {
  readonly #o: LoopOptions;
  readonly #requests: TurnRequests;
  #state: ThreadState;
  /** Settings changed while the turn runs, so the model needs the new context. */
  #adjusted = false;

  constructor(options: LoopOptions, outputSchema: unknown) {
    this.#o = options;
    this.#state = options.thread.state;
    this.#requests = createTurnRequests(options, () => this.#state, outputSchema);
  }

  async run(first: TurnInput): Promise<TurnOutcome> {
    const { thread, turn } = this.#o;
    const { work, mcp } = thread.runtime;
    let begins = true;
    let accepted = true;
    try {
      // What the model is offered is complete from its first request on.
      await mcp.ready(turn.signal);
      if (this.#requests.isFull && !(await this.compact('auto'))) return STOPPED;
      thread.record(await this.#context());
      recordLate(this.#o);
      begins = await this.#sessionStarts();
    } finally {
      // The person's message is stored even if the turn fails, unless a hook refuses it.
      accepted = begins && (await sayInput(this.#o, first));
    }
    turn.signal.throwIfAborted();
    if (!begins || (!accepted && work.waiting.length === 0)) return { status: 'completed' };
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
    const { thread, turn, model, daemon } = this.#o;
    const { work } = thread.runtime;
    const retries = { thread, turn, most: model.provider.streamMaxRetries };
    const { goals, log } = daemon;
    const answer = { ...this.#o, goals, log, requests: this.#requests, state: () => this.#state };
    let continued = 0;
    for (;;) {
      if (this.#adjusted) {
        this.#adjusted = false;
        thread.record(await this.#context());
      }
      recordLate(this.#o);
      if (!(await this.#sessionStarts())) return { status: 'completed' };
      const end = await withStreamRetries(retries, () => oneAnswer(answer));
      turn.signal.throwIfAborted();
      let said = 0;
      for (const input of work.waiting.splice(0)) if (await sayInput(this.#o, input)) said++;
      if (end === 'final' && said === 0 && work.waiting.length === 0) {
        const ends = await this.#mayStop(continued);
        if (ends && work.waiting.length === 0) return { status: 'completed' };
        if (!ends) continued++;
        for (const input of work.waiting.splice(0)) await sayInput(this.#o, input);
      }
      if (this.#requests.isFull && !(await this.compact('auto'))) return STOPPED;
    }
  }

  /** A review is no session of its own. */
  async #sessionStarts(): Promise<boolean> {
    return this.#o.model.kind === 'review' || (await sessionStarts(this.#o));
  }

  /** A review has an end of its own. */
  async #mayStop(continued: number): Promise<boolean> {
    const { thread, model } = this.#o;
    if (model.kind === 'review' || !thread.runtime.hooks.has('stop')) return true;
    const items = await thread.runtime.work.history.items();
    const last = items.findLast((item) => isItem(item, 'message') && item.role !== 'developer');
    const message =
      last !== undefined && isItem(last, 'message') && last.role === 'assistant' ? textIn(last.content) : null;
    return mayStop(this.#o, message, continued);
  }

  /** New context for the model, and the settings of the turn. */
  async #context(): Promise<NewRecord[]> {
    const { thread, turn } = this.#o;
    const { work } = thread.runtime;
    const context = this.#contextAfter(await work.history.items(), work.lastModel);
    const settings = work.settingsRecorded ? [] : [settingsRecord(thread.id, this.#state)];
    work.settingsRecorded = true;
    return [
      ...context.map((payload): NewRecord => ({ type: 'response_item', payload })),
      turnContextRecord(turn, this.#state),
      ...settings,
    ];
  }

  #contextAfter(history: readonly HistoryItem[], lastModel: string | null): HistoryItem[] {
    const { codexHome, approvedPrefixes } = this.#o.daemon;
    return turnContext({ state: this.#state, codexHome, history, lastModel, approvedPrefixes: approvedPrefixes() });
  }

  /** False: a hook stopped it. */
  async compact(trigger: CompactionTrigger): Promise<boolean> {
    const { thread, turn, model } = this.#o;
    const { work, hooks } = thread.runtime;
    if (!(await compactionHooks('preCompact', trigger, this.#o))) return false;
    turn.signal.throwIfAborted();
    const history = await work.history.items();
    await compact({
      thread,
      turn,
      provider: model.provider,
      history,
      isRetained: (item) => work.history.isRetained(item),
      since: async () => (await work.history.items()).slice(history.length),
      request: (input) => this.#requests.summary(input),
      context: () => this.#contextAfter([], null),
      contextWindow: this.#requests.window,
      baseBytes: this.#requests.baseBytes,
    });
    work.window++;
    hooks.begun = 'compact';
    return compactionHooks('postCompact', trigger, this.#o);
  }
}

/** The end of a turn whose compaction a hook stopped. */
const STOPPED: TurnOutcome = { status: 'interrupted' };
