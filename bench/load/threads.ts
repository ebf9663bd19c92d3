/** Stored threads in the form that both programs write: one half paginated, one half legacy. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface ThreadsOptions {
  readonly count: number;
  /** The configured provider. Lists do not contain threads of other providers. */
  readonly provider: string;
  /** Creation time of the newest thread, in milliseconds since the epoch. */
  readonly newestMs?: number;
}

/** Milliseconds between one thread and the next: ten thousand threads span ten weeks. */
const APART_MS = 600_000;
/** Usual length of base instructions and context, in characters: they are the largest part of a short rollout. */
const INSTRUCTIONS = 'Work step by step. '.repeat(600);
const CONTEXT = 'A rule. '.repeat(250);

/** Writes the rollouts below `<home>/sessions`, the oldest first. */
export function writeThreads(home: string, { count, provider, newestMs = Date.now() }: ThreadsOptions): void {
  for (let n = 0; n < count; n++) writeThread(home, n, newestMs - (count - n) * APART_MS, provider);
}

function writeThread(home: string, n: number, madeMs: number, provider: string): void {
  const made = new Date(madeMs);
  const [id, turnId, itemId] = [0, 1, 2].map((later) => uuid7(madeMs + later)) as [string, string, string];
  const paginated = n % 2 === 0;
  const cwd = `/srv/project-${n % 7}`;
  const [question, answer] = [`Question ${n} about the thing`, `Answer ${n}: ${'words '.repeat(50)}`];
  let ordinal = 0;
  const line = (type: string, payload: object): string =>
    JSON.stringify({ timestamp: made.toISOString(), ...(paginated ? { ordinal: ordinal++ } : {}), type, payload });
  const message = (role: string, type: string, text: string): string =>
    line('response_item', { type: 'message', role, content: [{ type, text }] });
  const shown = (item: object, event: object): string =>
    line('event_msg', paginated ? { type: 'item_completed', thread_id: id, turn_id: turnId, item } : event);
  const lines = [
    line('session_meta', {
      session_id: id,
      id,
      timestamp: made.toISOString(),
      cwd,
      originator: 'bench',
      cli_version: '0.169.0',
      source: 'vscode',
      model_provider: provider,
      base_instructions: { text: INSTRUCTIONS },
      history_mode: paginated ? 'paginated' : 'legacy',
    }),
    line('event_msg', { type: 'task_started', turn_id: turnId, started_at: Math.floor(madeMs / 1000) }),
    message('developer', 'input_text', CONTEXT),
    message('user', 'input_text', question),
    shown(
      { type: 'UserMessage', id: itemId, content: [{ type: 'text', text: question, text_elements: [] }] },
      { type: 'user_message', message: question, images: [], local_images: [], text_elements: [] },
    ),
    line('turn_context', {
      turn_id: turnId,
      cwd,
      approval_policy: 'never',
      sandbox_policy: { type: 'read-only' },
      model: 'a-model',
      summary: 'auto',
    }),
    message('assistant', 'output_text', answer),
    shown(
      { type: 'AgentMessage', id: `msg_${n}`, content: [{ type: 'Text', text: answer }] },
      { type: 'agent_message', message: answer },
    ),
    line('event_msg', { type: 'task_complete', turn_id: turnId, last_agent_message: answer }),
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [made.getFullYear(), two(made.getMonth() + 1), two(made.getDate())].map(String);
  const time = [made.getHours(), made.getMinutes(), made.getSeconds()].map(two);
  const folder = path.join(home, 'sessions', ...day);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `rollout-${day.join('-')}T${time.join('-')}-${id}.jsonl`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  utimesSync(file, made, made);
}

function uuid7(ms: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
