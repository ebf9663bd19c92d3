/**
 * Searches the conversation of a thread in its rollout (docs/protocol/threads.md §5 thread/search). It covers messages
 * of the user and the agent, but not the context that codexd wrote for the model. Case is ignored. The bytes are
 * searched before a line is parsed.
 */
import fs from 'node:fs';
import { isObject } from '../../system/node/objects.js';
import { openSource } from '../store/files/record-source.js';
import { COMPRESSED } from '../store/files/rollout-name.js';
import { scanLines } from '../store/files/scan-lines.js';
import { parseRecord } from '../store/records/sniff-record.js';

export interface ConversationSearch {
  /** The text around the first occurrence of the term; null: there is none. Throws file system errors. */
  snippet(stored: string): Promise<string | null>;
}

/** A file up to this size, in bytes, is read at once, which is faster. A larger file is read in pieces. */
const READ_AT_ONCE = 1024 * 1024;
const LF = 0x0a;

/** `term`: not blank; leading and trailing blanks are ignored. */
export function searchConversation(term: string): ConversationSearch {
  const needle = term.trim().toLowerCase();
  const mayHold = byteFilter(term.trim());

  function inLine(buffer: Buffer, start: number, end: number): string | null {
    const record = parseRecord(buffer, start, end);
    const text = record === null ? null : textOf(record.type, record.payload);
    if (text === null) return null;
    const at = text.toLowerCase().indexOf(needle);
    return at === -1 ? null : snippetOf(text, at, needle.length);
  }

  function inBytes(bytes: Buffer): string | null {
    if (!mayHold(bytes, 0, bytes.length)) return null;
    let start = 0;
    while (start < bytes.length) {
      const lf = bytes.indexOf(LF, start);
      const end = lf === -1 ? bytes.length : lf;
      const found = mayHold(bytes, start, end) ? inLine(bytes, start, end) : null;
      if (found !== null) return found;
      start = end + 1;
    }
    return null;
  }

  return {
    async snippet(stored) {
      const size = fs.statSync(stored).size;
      if (size <= READ_AT_ONCE && !stored.endsWith(COMPRESSED)) return inBytes(fs.readFileSync(stored));
      const source = await openSource(stored);
      try {
        let found: string | null = null;
        const take = (buffer: Buffer, start: number, end: number): boolean => {
          if (mayHold(buffer, start, end)) found = inLine(buffer, start, end);
          return found !== null;
        };
        const { rest } = await scanLines(source, 0, await source.size(), take);
        if (found === null && rest.length > 0) take(rest, 0, rest.length);
        return found;
      } finally {
        await source.close();
      }
    },
  };
}

/**
 * Whether bytes can contain the term. Always true for a term with non-ASCII letters, because JSON can encode them in
 * several ways.
 */
function byteFilter(term: string): (buffer: Buffer, start: number, end: number) => boolean {
  if (!/^[\x20-\x7e]*$/.test(term) || /["\\/]/.test(term)) return () => true;
  const pattern = new RegExp(term.replace(/[.*+?^${}()|[\]]/g, '\\$&'), 'i');
  return (buffer, start, end) => pattern.test(buffer.toString('latin1', start, end));
}

type Payload = Readonly<Record<string, unknown>>;

/** The text of a message; null for every other record, and for context that only the model saw. */
function textOf(type: string, payload: Payload): string | null {
  const text = type === 'response_item' ? responseText(payload) : type === 'event_msg' ? eventText(payload) : null;
  return text === null || isContext(text) ? null : text;
}

function responseText({ type, role, content }: Payload): string | null {
  return type === 'message' && (role === 'user' || role === 'assistant') ? partsText(content) : null;
}

function eventText({ type, message, item }: Payload): string | null {
  if (type === 'user_message' || type === 'agent_message') return typeof message === 'string' ? message : null;
  if (type !== 'item_completed' || !isObject(item)) return null;
  return item['type'] === 'UserMessage' || item['type'] === 'AgentMessage' ? partsText(item['content']) : null;
}

function partsText(content: unknown): string | null {
  if (!Array.isArray(content)) return null;
  return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}

/** Messages in the user's role that contain context for the model. */
const CONTEXT =
  /^\s*(?:<(?:environment_context|user_instructions|turn_aborted|permissions|skill)\b|# AGENTS\.md instructions for )/;
const isContext = (text: string): boolean => CONTEXT.test(text);

/** Characters before and after the term (as in the official program). */
const BEFORE = 49;
const AFTER = 96;

/** Runs of blanks become one space; `...` marks omitted text. */
function snippetOf(text: string, at: number, length: number): string {
  const before = [...squeeze(text.slice(0, at))];
  const after = [...squeeze(text.slice(at + length))];
  const left =
    before.length > BEFORE ? `... ${before.slice(-BEFORE).join('').trimStart()}` : before.join('').trimStart();
  const right = after.length > AFTER ? `${after.slice(0, AFTER).join('').trimEnd()} ...` : after.join('').trimEnd();
  return `${left}${squeeze(text.slice(at, at + length))}${right}`;
}

const squeeze = (text: string): string => text.replace(/\s+/g, ' ');
