/** Rollouts of the tests in a scratch home (docs/protocol/threads.md §12.3). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import { silentLogger, type Logger } from '../../../server/log/log.js';
import { encodeResult } from '../../../server/rpc/wire/encode.js';
import { createThreadStore, type FileThreadStore } from '../../../server/sessions/store/create-thread-store.js';
import { createKeptTurns } from '../../../server/sessions/store/history/kept-turns.js';
import type { SessionMeta } from '../../../server/sessions/store/records/rollout-record.js';
import type { WrittenTurns } from '../../../server/sessions/store/records/turn-record.js';
import { newId } from '../../../server/sessions/store/records/thread-id.js';

export const AT = '2025-10-01T10:00:00.000Z';

export interface Line {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface Home {
  readonly path: string;
  readonly store: FileThreadStore;
  /** Another store on the same home, like that of another daemon. */
  another(): FileThreadStore;
  /** Writes a rollout of the day of `AT`; strings are written unchanged. Returns its path. */
  put(id: string, lines: readonly (Line | string)[], options?: PutOptions): string;
}

export interface PutOptions {
  readonly paginated?: boolean;
  readonly eol?: string;
  /** The text after the last line; default: `eol`. */
  readonly end?: string;
  readonly name?: string;
}

export function makeHome(t: Test, log: Logger = silentLogger): Home {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-store-'));
  t.teardown(() => fs.rmSync(home, { recursive: true, force: true }));
  const day = path.join(home, 'sessions', '2025', '10', '01');
  const another = (): FileThreadStore => createThreadStore({ codexHome: home, log });
  return {
    path: home,
    store: another(),
    another,
    put(id, lines, { paginated = false, eol = '\n', end = eol, name } = {}) {
      fs.mkdirSync(day, { recursive: true });
      const file = path.join(day, name ?? `rollout-2025-10-01T10-00-00-${id}.jsonl`);
      fs.writeFileSync(file, text(lines, paginated, eol) + end);
      return file;
    },
  };
}

export function text(lines: readonly (Line | string)[], paginated: boolean, eol = '\n'): string {
  let ordinal = 0;
  return lines
    .map((line) =>
      typeof line === 'string'
        ? line
        : JSON.stringify({ timestamp: AT, ...(paginated ? { ordinal: ordinal++ } : {}), ...line }),
    )
    .join(eol);
}

export const id = (n: number): string => `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`;

export function metaOf(threadId: string, more: Partial<SessionMeta> = {}): SessionMeta {
  return { id: threadId, timestamp: AT, cwd: '/x', originator: 'test', cli_version: '0', ...more };
}

export const meta = (threadId: string, more: Partial<SessionMeta> = {}): Line => ({
  type: 'session_meta',
  payload: metaOf(threadId, more),
});

export const event = (payload: Record<string, unknown>): Line => ({ type: 'event_msg', payload });
export const user = (words: string): Line => message('user', 'input_text', words);
export const assistant = (words: string): Line => message('assistant', 'output_text', words);
export const userEvent = (words: string): Line => event({ type: 'user_message', message: words });
export const agentEvent = (words: string): Line => event({ type: 'agent_message', message: words });
export const started = (turnId: string): Line =>
  event({ type: 'task_started', turn_id: turnId, started_at: 1759312800, model_context_window: 1000 });
export const completed = (turnId: string, more: Record<string, unknown> = {}): Line =>
  event({ type: 'task_complete', turn_id: turnId, last_agent_message: null, ...more });

/** A question and its answer in the legacy form. */
export const exchange = (question: string, answer: string): Line[] => [
  user(question),
  userEvent(question),
  assistant(answer),
  agentEvent(answer),
];

export const itemEvent = (threadId: string, turnId: string, item: Record<string, unknown>): Line =>
  event({ type: 'item_completed', thread_id: threadId, turn_id: turnId, item, started_at_ms: 1, completed_at_ms: 2 });
export const userItem = (itemId: string, words: string): Record<string, unknown> => ({
  type: 'UserMessage',
  id: itemId,
  content: [{ type: 'text', text: words, text_elements: [] }],
});
export const agentItem = (itemId: string, words: string): Record<string, unknown> => ({
  type: 'AgentMessage',
  id: itemId,
  content: [{ type: 'Text', text: words }],
});

/** A finished turn in the paginated form; its items are `u-TURN` and `a-TURN`. */
export const turnOf = (threadId: string, turnId: string, question: string, answer: string): Line[] => [
  started(turnId),
  user(question),
  itemEvent(threadId, turnId, userItem(`u-${turnId}`, question)),
  itemEvent(threadId, turnId, agentItem(`a-${turnId}`, answer)),
  assistant(answer),
  completed(turnId),
];

/** `[[turn id, status, ['userMessage:u-1:text', …]], …]` */
export const brief = (turns: readonly Turn[]): [string, string, string[]][] =>
  turns.map((turn) => [turn.id, turn.status, turn.items.map((item) => `${item.type}:${item.id}:${words(item)}`)]);

export function words(item: ThreadItem): string {
  if (item.type === 'userMessage') {
    const [first] = item.content;
    return first?.type === 'text' ? first.text : '';
  }
  return item.type === 'agentMessage' ? item.text : item.type === 'reasoning' ? (item.summary ?? []).join('|') : '';
}

export async function allTurns(store: FileThreadStore, threadId: string): Promise<Turn[]> {
  const files = await store.find(threadId);
  if (files === null) throw new Error(`there is no thread ${threadId}`);
  const history = await store.history(files);
  return history.turns(0, history.turnCount, 'full');
}

/** All turns as an answer shows them that is written while the files are read; in a new store, in the same pass. */
export async function answeredTurns(store: FileThreadStore, threadId: string): Promise<Turn[]> {
  const files = await store.find(threadId);
  if (files === null) throw new Error(`there is no thread ${threadId}`);
  const kept = createKeptTurns();
  const written = await (await store.history(files, kept)).writtenTurns(kept);
  return turnsIn(written);
}

export function turnsIn(written: WrittenTurns): Turn[] {
  const message = encodeResult(1, written.into({ thread: {} })).toString('utf8');
  return (JSON.parse(message) as { result: { thread: { turns: Turn[] } } }).result.thread.turns;
}

/** A new thread with finished turns, written by the store. */
export async function writeThread(
  store: FileThreadStore,
  turns: readonly (readonly [string, string, string])[],
  more: Partial<SessionMeta> = { history_mode: 'paginated' },
): Promise<string> {
  const threadId = newId();
  const writer = await store.create(metaOf(threadId, { timestamp: new Date().toISOString(), ...more }));
  for (const [turnId, question, answer] of turns) {
    if (writer.historyMode === 'paginated') writer.append(turnOf(threadId, turnId, question, answer));
    else writer.append([started(turnId), ...exchange(question, answer), completed(turnId)]);
  }
  await writer.close();
  return threadId;
}

function message(role: string, type: string, words: string): Line {
  return { type: 'response_item', payload: { type: 'message', role, content: [{ type, text: words }] } };
}
