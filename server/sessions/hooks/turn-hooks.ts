/** Hooks at the points of a turn: its session, the person's messages, compactions, and its end. */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { InputPart, TurnInput } from '../runtime/turn-input.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import { newId } from '../store/records/thread-id.js';
import { contextRecords, contextsOf, isStopped, textsOf } from './hook-context.js';

interface Where {
  readonly thread: Pick<TurnThread, 'id' | 'runtime' | 'record' | 'events'>;
  readonly turn: Pick<WorkTurn, 'id' | 'signal' | 'itemCompleted'>;
}

/** Tells the hooks of a session that began, once. False: one of them stops the turn. */
export async function sessionStarts({ thread, turn }: Where): Promise<boolean> {
  const { hooks } = thread.runtime;
  const { begun: source } = hooks;
  if (source === null) return true;
  hooks.begun = null;
  if (!hooks.has('sessionStart')) return true;
  const results = await hooks.run('sessionStart', { names: [source], input: { source } }, turn);
  thread.record(contextRecords(contextsOf(results)));
  return !isStopped(results) && results.every(({ answer: { status } }) => status !== 'blocked');
}

/** What hooks say to a message of the person. */
export interface Submitted {
  /** False: the message is neither kept nor sent. */
  readonly accepted: boolean;
  /** The context of the hooks. It comes after the message, or alone. */
  readonly records: readonly NewRecord[];
}

const ACCEPTED: Submitted = { accepted: true, records: [] };

/** `signal`: null: the message came so late that the turn has ended for the rest. */
export async function promptSubmitted(
  { thread, turn }: Where,
  { input, toolOutput }: TurnInput,
  signal: AbortSignal | null,
): Promise<Submitted> {
  const { hooks } = thread.runtime;
  if (input.length === 0 || toolOutput !== null || !hooks.has('userPromptSubmit')) return ACCEPTED;
  const about = { names: [], input: { prompt: promptOf(input) } };
  const results = await hooks.run('userPromptSubmit', about, { id: turn.id, signal });
  const accepted = !isStopped(results) && results.every(({ answer: { status } }) => status !== 'blocked');
  return { accepted, records: contextRecords(contextsOf(results)) };
}

const promptOf = (input: readonly InputPart[]): string =>
  input.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

/** What hooks that nobody waited for have said meanwhile. */
export function recordLate({ thread }: Pick<Where, 'thread'>): void {
  for (const answer of thread.runtime.hooks.takeLate()) {
    for (const { kind, text } of answer.entries)
      if (kind === 'warning') thread.events.notify('warning', { threadId: thread.id, message: text });
    thread.record(contextRecords(textsOf(answer)));
  }
}

export type CompactionTrigger = 'manual' | 'auto';

/** False: a hook stops the compaction, and the turn with it. */
export async function compactionHooks(
  event: 'preCompact' | 'postCompact',
  trigger: CompactionTrigger,
  { thread, turn }: Where,
): Promise<boolean> {
  const { hooks } = thread.runtime;
  if (!hooks.has(event)) return true;
  const results = await hooks.run(event, { names: [trigger], input: { trigger } }, turn);
  return results.every(({ answer: { status } }) => status !== 'stopped' && status !== 'blocked');
}

/** A turn does not continue by itself without a limit. */
const MOST_CONTINUATIONS = 500;

/**
 * Asks the hooks whether the turn may end. True: it may. False: a hook wants it to continue, and has said with what.
 * `continued`: how often it has been continued so.
 */
export async function mayStop(
  { thread, turn }: Where,
  lastMessage: string | null,
  continued: number,
): Promise<boolean> {
  const { hooks } = thread.runtime;
  if (!hooks.has('stop')) return true;
  const input = { stop_hook_active: continued > 0, last_assistant_message: lastMessage };
  const results = await hooks.run('stop', { names: [], input }, turn);
  turn.signal.throwIfAborted();
  const blocking = results.filter(({ answer: { status } }) => status === 'blocked');
  if (isStopped(results) || blocking.length === 0) return true;
  if (continued >= MOST_CONTINUATIONS) {
    const message = `hooks have continued this turn ${continued} times: it ends now`;
    thread.events.notify('warning', { threadId: thread.id, message });
    return true;
  }
  const fragments = blocking.map(({ runId, answer }) => ({ text: answer.reason ?? '', hookRunId: runId }));
  const id = `msg_${newId()}`;
  const item: ThreadItem = { type: 'hookPrompt', id, fragments };
  const content = fragments.map(({ text, hookRunId }) => ({
    type: 'input_text' as const,
    text: `<hook_prompt hook_run_id="${escaped(hookRunId).replaceAll('"', '&quot;')}">${escaped(text)}</hook_prompt>`,
  }));
  turn.itemCompleted(item, [{ type: 'response_item', payload: { type: 'message', id, role: 'user', content } }]);
  return false;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Tells the hooks that a person ended the turn. */
export async function interrupted({ thread, turn }: Where): Promise<void> {
  const { hooks } = thread.runtime;
  if (hooks.has('interrupt')) await hooks.run('interrupt', { names: [], input: {} }, { id: turn.id, signal: null });
}
