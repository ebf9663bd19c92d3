/** A session of another agent: its lines, as messages of a person and of an agent (docs/protocol/services.md §15). */
import { isObject } from '../../system/node/objects.js';

export interface SessionMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Milliseconds since the epoch; null: the line says none. */
  readonly atMs: number | null;
}

export interface ForeignSession {
  readonly cwd: string | null;
  /** Given by the person, else by the agent, else the first message. */
  readonly title: string | null;
  readonly messages: readonly SessionMessage[];
}

/** Of one text, in characters; the rest is left out, and a line says so. */
const MAX_TEXT = 64 * 1024;
/** Of one session. */
const MAX_MESSAGES = 20_000;
const MAX_TITLE = 120;

/** Lines that are no JSON, side conversations and what the other agent wrote for itself are left out. */
export function readSession(text: string): ForeignSession {
  const messages: SessionMessage[] = [];
  const titles: Partial<Record<'custom' | 'ai' | 'summary', string>> = {};
  let cwd: string | null = null;
  for (const line of text.split('\n')) {
    const record = parsed(line);
    if (record === null) continue;
    if (typeof record.customTitle === 'string') titles.custom = record.customTitle;
    else if (typeof record.aiTitle === 'string') titles.ai = record.aiTitle;
    if (typeof record.cwd === 'string') cwd ??= record.cwd;
    if (record.isMeta === true || record.isSidechain === true || messages.length >= MAX_MESSAGES) continue;
    if (record.type !== 'user' && record.type !== 'assistant') continue;
    const at = typeof record.timestamp === 'string' ? Date.parse(record.timestamp) : NaN;
    messages.push(...messagesOf(record.type, record.message, Number.isNaN(at) ? null : at));
  }
  const first = messages
    .find(({ role }) => role === 'user')
    ?.text.split('\n')[0]
    ?.slice(0, MAX_TITLE);
  const title = [titles.custom, titles.ai, first].find((one) => one !== undefined && one.trim() !== '');
  return { cwd, title: title?.trim() ?? null, messages };
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Results of tools stand in messages of the person; here the agent says them. */
function messagesOf(role: 'user' | 'assistant', message: unknown, atMs: number | null): SessionMessage[] {
  const content = isObject(message) ? message['content'] : undefined;
  const blocks: readonly unknown[] = typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
  const said: string[] = [];
  const results: string[] = [];
  for (const block of blocks) {
    if (!isObject(block)) continue;
    if (block['type'] === 'tool_result') results.push(resultText(block));
    else {
      const text = blockText(block);
      if (text !== '') said.push(text);
    }
  }
  const made = (by: 'user' | 'assistant', text: string): SessionMessage => ({
    role: by,
    text: shortened(text),
    atMs,
  });
  return [
    ...results.map((text) => made('assistant', text)),
    ...(said.length === 0 ? [] : [made(role, said.join('\n\n'))]),
  ];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function blockText(block: Readonly<Record<string, unknown>>): string {
  const { type, text } = block;
  if (type === 'text') return typeof text === 'string' ? text.trim() : '';
  // What the agent thought is not a part of the conversation.
  if (type === 'thinking' || type === 'redacted_thinking') return '';
  if (type === 'tool_use') return callText(block);
  return `[external unsupported block: ${typeof type === 'string' ? type.slice(0, 40) : 'unknown'}]`;
}

/** A command by its members; other calls by their arguments. */
function callText({ name, input }: Readonly<Record<string, unknown>>): string {
  const args = isObject(input) ? input : {};
  const tool = typeof name === 'string' ? name.slice(0, 200) : 'unknown';
  const lines =
    typeof args['command'] === 'string'
      ? ['description', 'command'].flatMap((key) => (typeof args[key] === 'string' ? [`${key}: ${args[key]}`] : []))
      : [`input: ${JSON.stringify(args)}`];
  return [`[external_agent_tool_call: ${tool}]`, ...lines, '[/external_agent_tool_call]'].join('\n');
}

function resultText({ content, is_error: failed }: Readonly<Record<string, unknown>>): string {
  const texts = (typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content)).flatMap((block) =>
    isObject(block) ? [blockText(block)] : [],
  );
  const head = failed === true ? '[external_agent_tool_result: error]' : '[external_agent_tool_result]';
  return [head, shortened(texts.join('\n')), '[/external_agent_tool_result]'].join('\n');
}

const shortened = (text: string): string =>
  text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}\n[${text.length - MAX_TEXT} characters were left out]`;
