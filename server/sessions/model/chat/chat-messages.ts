/** Converts the agent's history to messages of Chat Completions. */
import { createHash } from 'node:crypto';
import { argumentsText } from '../provider/arguments-text.js';
import type { ChatSettings } from '../provider/chat-settings.js';
import type { ChatTools } from './chat-tools.js';
import type { KnownHistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import type { ChatExtra, HistoryItem } from '../provider/model-provider.js';
import { isKnownItem, type CallOutputItem, type HistoryItemOf } from '../../store/records/history-item.js';
import { partsIn, type ItemPart } from '../../store/records/item-text.js';

interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | readonly ItemPart[] | null;
  tool_calls?: object[];
  tool_call_id?: string;
  [member: string]: unknown;
}

export interface ChatMessagesOptions {
  readonly tools: ChatTools;
  /** The model provider's id: extra members are returned only to the server that sent them. */
  readonly provider: string;
  readonly settings: ChatSettings;
}

/**
 * The developer messages at the start become one system message: templates of local models refuse a second one, and one
 * that is not first. Later ones become user messages. Neighbours of one role are merged, because templates require
 * alternating roles.
 */
export function chatMessages(input: readonly HistoryItem[], options: ChatMessagesOptions): ChatMessages {
  const builder = new Messages(options);
  for (const [index, item] of input.entries()) builder.add(item, index);
  return builder.whole();
}

export interface ChatMessages {
  readonly messages: readonly ChatMessage[];
  /** Of each message, the indexes of the items in `input` that it was made from. */
  readonly origins: readonly (readonly number[])[];
}

class Messages {
  readonly #options: ChatMessagesOptions;
  readonly #messages: ChatMessage[] = [];
  readonly #origins = new Map<ChatMessage, number[]>();
  /** The item that is added. */
  #at = 0;
  /** Reasoning that belongs to the next message. */
  #reasoning: { readonly member: string; readonly text: string; readonly at: number } | null = null;
  readonly #reasoningOf = new Map<ChatMessage, { readonly member: string; readonly text: string }>();

  constructor(options: ChatMessagesOptions) {
    this.#options = options;
  }

  add(item: HistoryItem, at: number): void {
    this.#at = at;
    if (!isKnownItem(item)) return; // only its own endpoint understands it
    switch (item.type) {
      case 'message':
        this.#message(item);
        break;
      case 'reasoning':
        this.#thought(item);
        break;
      case 'function_call':
      case 'custom_tool_call':
        this.#call(item);
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#output(item);
        break;
      case 'local_shell_call': // its output needs a call
        this.#call({ ...item, type: 'function_call', name: 'local_shell', arguments: argumentsText(item.action) });
        break;
      case 'agent_message':
        this.#user(`${item.author ?? 'agent'}: ${textOf(partsOf(item.content))}`);
        break;
      default: // items that only their own endpoint understands
    }
  }

  whole(): ChatMessages {
    const { sendReasoning, nullContent } = this.#options.settings;
    for (const [message, { member, text }] of this.#reasoningOf) {
      if (sendReasoning === 'always' || (sendReasoning === 'with-calls' && message.tool_calls !== undefined))
        message[member] = text;
    }
    if (!nullContent) for (const message of this.#messages) message.content ??= '';
    return {
      messages: this.#messages,
      origins: this.#messages.map((message) => this.#origins.get(message) ?? []),
    };
  }

  #message(item: HistoryItemOf<'message'>): void {
    const parts = partsOf(item.content);
    const last = this.#messages.at(-1);
    if (item.role === 'assistant') {
      const text = textOf(parts);
      const message = this.#assistant();
      message.content = typeof message.content === 'string' ? `${message.content}\n${text}` : text;
      Object.assign(message, this.#extraOf(item)?.message);
    } else if (item.role === 'user') this.#user(userContent(parts));
    else if (last === undefined) this.#push({ role: 'system', content: textOf(parts) });
    else if (last.role === 'system') {
      last.content = `${textContent(last)}\n\n${textOf(parts)}`;
      this.#note(last);
    } else this.#user(textOf(parts));
  }

  #thought(item: HistoryItemOf<'reasoning'>): void {
    const member = this.#extraOf(item)?.reasoning;
    const text = textOf(partsOf(item.content));
    if (member !== undefined && text !== '') this.#reasoning = { member, text, at: this.#at };
    // The answer may end with its reasoning. Then its extra members wait for the message.
    const message = this.#extraOf(item)?.message;
    if (message !== undefined) Object.assign(this.#assistant(), message);
  }

  #call(item: HistoryItemOf<'function_call' | 'custom_tool_call'>): void {
    const text = item.type === 'function_call' ? (item.arguments ?? '') : JSON.stringify({ input: item.input });
    const extra = this.#extraOf(item);
    const call = {
      id: this.#callId(item.call_id),
      type: 'function',
      function: { name: this.#options.tools.nameOf(item), arguments: text },
      ...extra?.call,
    };
    // The calls of one answer form one message, with the text before them.
    const message = this.#assistant();
    (message.tool_calls ??= []).push(call);
    Object.assign(message, extra?.message);
  }

  #output({ call_id: id, name, output }: CallOutputItem): void {
    if (typeof id !== 'string') {
      this.#user(`${name ?? 'output'}: ${textOutput(output)}`);
      return;
    }
    this.#push({ role: 'tool', tool_call_id: this.#callId(id), content: textOutput(output) });
    // A tool's message can only contain text.
    const images = partsOf(output).filter(({ type }) => type === 'input_image');
    if (images.length > 0) this.#user(userContent(images));
  }

  /** The assistant's current message, else a new one. */
  #assistant(): ChatMessage {
    let message = this.#messages.at(-1);
    if (message?.role !== 'assistant') {
      message = { role: 'assistant', content: null };
      this.#messages.push(message);
    }
    if (this.#reasoning !== null) {
      this.#reasoningOf.set(message, this.#reasoning);
      this.#note(message, this.#reasoning.at);
    }
    this.#reasoning = null;
    this.#note(message);
    return message;
  }

  #user(content: string | readonly ItemPart[]): void {
    const last = this.#messages.at(-1);
    if (last?.role !== 'user') {
      this.#push({ role: 'user', content });
      return;
    }
    this.#note(last);
    if (typeof last.content === 'string' && typeof content === 'string') {
      last.content = `${last.content}\n\n${content}`;
    } else last.content = [...asParts(last.content), ...asParts(content)];
  }

  #push(message: ChatMessage): void {
    this.#messages.push(message);
    this.#note(message);
  }

  /** An item is in the message. */
  #note(message: ChatMessage, at = this.#at): void {
    const of = this.#origins.get(message);
    if (of === undefined) this.#origins.set(message, [at]);
    else if (!of.includes(at)) of.push(at);
  }

  #extraOf({ chat }: KnownHistoryItem): ChatExtra | null {
    return chat?.provider === this.#options.provider ? chat : null;
  }

  #callId(id: string | null | undefined): string {
    const text = id ?? '';
    return this.#options.settings.callIds === 'short' ? shortId(text) : text;
  }
}

/** A stable id of nine letters and digits for a longer id. */
function shortId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}

const textOutput = (output: unknown): string =>
  typeof output === 'string' ? output : textOf(partsOf(output)) || '(see the next message)';

const textContent = ({ content }: ChatMessage): string => (typeof content === 'string' ? content : '');

function asParts(content: string | readonly ItemPart[] | null): readonly ItemPart[] {
  if (content === null) return [];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function userContent(parts: readonly ItemPart[]): string | readonly ItemPart[] {
  if (parts.every(({ type }) => type !== 'input_image')) return textOf(parts);
  return parts.flatMap((part): ItemPart[] => {
    if (part.type === 'input_image') return [{ type: 'image_url', image_url: { url: part.image_url } }];
    return typeof part.text === 'string' ? [{ type: 'text', text: part.text }] : [];
  });
}

function textOf(parts: readonly ItemPart[]): string {
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

const partsOf = (content: unknown): readonly ItemPart[] =>
  typeof content === 'string' ? [{ type: 'input_text', text: content }] : partsIn(content);
