/** Shortens a long history: the model summarises it and continues from the summary (docs/protocol/turns.md §9). */
import { isContext } from './sent-context.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import {
  ModelError,
  type HistoryItem,
  type ModelProvider,
  type ModelRequest,
} from '../model/provider/model-provider.js';
import { textIn } from '../store/records/item-text.js';
import { isItem } from '../store/records/history-item.js';
import { retention } from '../store/records/model-history.js';
import { shorterAndShorter } from './shorter-history.js';
import { newId } from '../store/records/thread-id.js';
import { countUsage, estimateUsage } from './token-usage.js';

export interface CompactionOptions {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly provider: ModelProvider;
  /** The current history. */
  readonly history: readonly HistoryItem[];
  /** The item is kept, also one that is not of the person (docs/protocol/threads.md §10). */
  readonly isRetained: (item: HistoryItem) => boolean;
  /** What was added to the history since: a client may inject items while the model summarises. */
  readonly since: () => Promise<readonly HistoryItem[]>;
  readonly request: (input: readonly HistoryItem[]) => Promise<ModelRequest>;
  /** The context that the model needs again. */
  readonly context: () => readonly HistoryItem[];
  /** In tokens. */
  readonly contextWindow: number;
  /** The size of the instructions before every history. */
  readonly baseBytes: number;
}

const PROMPT = `Write a summary of this conversation for yourself: you will go on from it and will see nothing else of what came before, except the person's own messages.
Say what was asked for and what of it is done, which decisions were made and why, what you found out about the code (paths, names, commands that work), what is being worked on right now, and what comes next. Leave out what can be looked up again quickly. Answer with the summary alone.`;

/** The text before the summary in the history. */
export const SUMMARY_PREFIX =
  'The conversation up to here was summed up, to make room for what comes. You wrote this summary yourself: go on from it, and do not do again what it says is done.';

/** In tokens, estimated: older messages of the person are only in the summary. */
const KEPT_USER_TOKENS = 20_000;
const BYTES_PER_TOKEN = 4;

/** Throws ModelError if there is no summary; then the history is unchanged. */
export async function compact(options: CompactionOptions): Promise<void> {
  const { thread, turn, history, context, contextWindow, isRetained } = options;
  const item = { type: 'contextCompaction', id: newId() } as const;
  turn.itemStarted(item);
  const summary = await summarize(options);
  const message = `${SUMMARY_PREFIX}\n${summary}`;
  const replacement = [
    ...context(),
    ...keptItems(history, isRetained),
    userMessage(message),
    ...(await options.since()),
  ];
  const size = Buffer.byteLength(JSON.stringify(replacement)) + options.baseBytes;
  estimateUsage(thread, turn, size, contextWindow);
  const marks = replacement.map((one) => (isRetained(one) ? retention(true) : {}));
  const metadata = replacement.some(isRetained) ? { replacement_history_metadata: marks } : {};
  turn.itemCompleted(item, [
    { type: 'compacted', payload: { message, replacement_history: replacement, ...metadata } },
  ]);
}

/** The endpoint reports that a request does not fit into the model's context window. */
export const isOverflowError = (error: unknown): boolean =>
  error instanceof ModelError && error.info === 'contextWindowExceeded';

/** Shortens the history until the request for the summary fits. Throws ModelError. */
async function summarize(options: CompactionOptions): Promise<string> {
  for (const history of shorterAndShorter(options.history)) {
    try {
      return await askForSummary(options, history);
    } catch (error) {
      if (!isOverflowError(error)) throw error;
    }
  }
  throw new ModelError(
    "not even the latest message fits into the model's context window",
    'contextWindowExceeded',
    'never',
  );
}

async function askForSummary(
  { thread, turn, provider, request, contextWindow }: CompactionOptions,
  history: readonly HistoryItem[],
): Promise<string> {
  let text = '';
  for await (const event of provider.stream(await request([...history, userMessage(PROMPT)]), turn.signal)) {
    if (event.type === 'item' && isItem(event.item, 'message')) text = textIn(event.item.content);
    if (event.type !== 'completed' || event.usage === null) continue;
    // Clients of the reference receive the known usage once more (as in its recorded sequence).
    if (thread.tokenUsage !== null) thread.setTokenUsage(turn.id, thread.tokenUsage);
    countUsage(thread, turn, event.usage, event.responseId, contextWindow);
  }
  if (text.trim() === '') throw new ModelError('the model gave no summary to go on from', 'other', 'never');
  return text;
}

/**
 * The person's newest messages that fit, and all items that are to stay, in order. An earlier summary is part of the
 * new one.
 */
function keptItems(history: readonly HistoryItem[], isRetained: CompactionOptions['isRetained']): HistoryItem[] {
  const kept: HistoryItem[] = [];
  let room = KEPT_USER_TOKENS * BYTES_PER_TOKEN;
  let isFull = false;
  for (const item of [...history].reverse()) {
    if (isRetained(item)) {
      kept.unshift(item);
      continue;
    }
    if (isFull || !isItem(item, 'message') || item.role !== 'user' || isContext(item)) continue;
    const text = textIn(item.content);
    if (text.startsWith(SUMMARY_PREFIX)) continue;
    room -= Buffer.byteLength(text);
    isFull = room < 0;
    if (isFull) continue;
    kept.unshift(item);
  }
  return kept;
}

function userMessage(text: string): HistoryItem {
  return { type: 'message', id: `msg_${newId()}`, role: 'user', content: [{ type: 'input_text', text }] };
}
