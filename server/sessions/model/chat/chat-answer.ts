/** One answer of Chat Completions (docs/configuration.md, `wire_api = "chat"`): converts its chunks to model events. */
import { randomUUID } from 'node:crypto';
import { ChatCalls, type CallDelta, type GrownCall } from './chat-calls.js';
import { FreeFormText } from './free-form-text.js';
import type { ChatSettings } from '../provider/chat-settings.js';
import type { ChatTools } from './chat-tools.js';
import { errorObjectError, failedError, incompleteError, streamError } from '../provider/model-errors.js';
import type { ChatExtra, HistoryItem, ModelEvent, ModelUsage } from '../provider/model-provider.js';
import { createThinkTags, type ThinkTags } from './think-tags.js';
import { tokens } from '../provider/token-number.js';

export interface ChatAnswerOptions {
  readonly tools: ChatTools;
  readonly settings: ChatSettings;
  /** The model provider's id: extra members are sent back to this provider only. */
  readonly provider: string;
}

type Kind = 'reasoning' | 'text';

/** Text or reasoning that is still growing. */
interface Segment {
  readonly kind: Kind;
  readonly id: string;
  text: string;
  /** The member with the reasoning; null: it is in tags in the text. */
  readonly member: ReasoningMember | null;
}

export class ChatAnswer {
  readonly #options: ChatAnswerOptions;
  readonly #calls = new ChatCalls();
  readonly #think: ThinkTags | null;
  /** Of the free-form calls that were begun. */
  readonly #texts = new Map<GrownCall['call'], FreeFormText>();
  /** Members of the message that codexd does not use. */
  readonly #extra: Record<string, unknown> = {};
  #open: Segment | null = null;
  #said = false;
  #finish: string | null = null;
  #id: string | null = null;
  #usage: ModelUsage | null = null;

  constructor(options: ChatAnswerOptions) {
    this.#options = options;
    this.#think = options.settings.thinkTags ? createThinkTags() : null;
  }

  /** The server gave the reason why it stopped: only the usage may follow. */
  get finished(): boolean {
    return this.#finish !== null;
  }

  /** `event`: the name in the event's own line; null: none. Throws ModelError for an error of the server. */
  *take(event: string | null, data: string): Generator<ModelEvent> {
    const chunk = parsed(data);
    if (event === 'error') throw errorObjectError(chunk ?? data);
    if (chunk === null) return; // Proxies add such events.
    if (chunk.error || chunk.object === 'error') throw errorObjectError(chunk.error || chunk);
    this.#id ??= typeof chunk.id === 'string' ? chunk.id : null;
    if (chunk.usage) this.#usage = usageOf(chunk.usage);
    const choice = chunk.choices?.[0];
    if (!choice) return;
    if (choice.error) throw errorObjectError(choice.error);
    const delta = choice.delta ?? choice.message ?? {};
    yield* this.#reasoning(delta);
    yield* this.#content(delta);
    if (delta.function_call) yield* this.#written(this.#calls.grow({ index: 0, function: delta.function_call }, 0));
    for (const [position, call] of (delta.tool_calls ?? []).entries())
      yield* this.#written(this.#calls.grow(call, position));
    for (const [member, value] of Object.entries(delta)) if (!KNOWN.has(member)) this.#keep(member, value);
    if (choice.finish_reason) this.#finish = choice.finish_reason;
  }

  /** `marked`: the server marked the end. Throws ModelError for an incomplete or empty answer. */
  *end(marked: boolean): Generator<ModelEvent> {
    if (this.#finish === null && !marked) throw streamError('stream closed before a finish_reason');
    for (const { kind, text } of this.#think?.end() ?? []) yield* this.#grow(kind, text, null);
    const calls = this.#calls.whole();
    yield* this.#close(calls.length === 0);
    if (this.#finish === 'length') throw incompleteError('max_output_tokens');
    if (this.#finish === 'content_filter') throw incompleteError('content_filter');
    if (this.#finish === 'error') throw failedError(null, 'the endpoint ended its answer with an error');
    if (!this.#said && calls.length === 0) throw streamError('the answer holds neither text nor reasoning nor a call');
    for (const [index, call] of calls.entries()) {
      const item = this.#options.tools.callItem(call);
      const message = index === 0 ? this.#takeExtra() : undefined;
      yield { type: 'item', item: withExtra(item, this.#extraOf(message, call.extra)) };
    }
    yield { type: 'completed', responseId: this.#id, usage: this.#usage };
  }

  /** The text of a free-form call, as it is written. A call without an id is shown when it is complete. */
  *#written({ call, piece }: GrownCall): Generator<ModelEvent> {
    const { id, name } = call;
    if (id === null || !this.#options.tools.isFreeForm(name)) return;
    const open = this.#texts.get(call);
    const text = open ?? new FreeFormText();
    if (open === undefined) {
      this.#texts.set(call, text);
      yield { type: 'itemStarted', item: { type: 'custom_tool_call', id, call_id: id, name, input: '' } };
    }
    const delta = text.push(open === undefined ? call.arguments : piece);
    if (delta !== '') yield { type: 'toolInputDelta', itemId: id, delta };
  }

  *#reasoning(delta: Delta): Generator<ModelEvent> {
    for (const member of REASONING_MEMBERS) {
      const text = textOf(delta[member]);
      if (text === '') continue;
      yield* this.#grow('reasoning', text, member);
      return; // Some servers send the same text under both names.
    }
  }

  *#content({ content, refusal }: Delta): Generator<ModelEvent> {
    for (const { kind, text } of piecesOf(content)) {
      if (kind === 'reasoning') yield* this.#grow('reasoning', text, null);
      else if (this.#think === null) yield* this.#grow('text', text, null);
      else for (const piece of this.#think.push(text)) yield* this.#grow(piece.kind, piece.text, null);
    }
    if (typeof refusal === 'string') yield* this.#grow('text', refusal, null);
  }

  *#grow(kind: Kind, text: string, member: ReasoningMember | null): Generator<ModelEvent> {
    if (text === '') return;
    if (this.#open?.kind !== kind) {
      yield* this.#close(false);
      this.#open = { kind, id: `${kind === 'text' ? 'msg' : 'rs'}_${randomUUID()}`, text: '', member };
      yield { type: 'itemStarted', item: itemOf(this.#open) };
    }
    const open = this.#open;
    open.text += text;
    this.#said = true;
    if (kind === 'text') yield { type: 'textDelta', itemId: open.id, delta: text };
    else yield { type: 'reasoningDelta', itemId: open.id, index: 0, delta: text };
  }

  /** `last`: no later item can store the extra members of the message. */
  *#close(last: boolean): Generator<ModelEvent> {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const message = last ? this.#takeExtra() : undefined;
    const extra = this.#extraOf(message, {}, open.member);
    yield { type: 'item', item: withExtra(itemOf(open), extra) };
  }

  #takeExtra(): Record<string, unknown> | undefined {
    const extra = { ...this.#extra };
    return Object.keys(extra).length === 0 ? undefined : extra;
  }

  #extraOf(
    message: Record<string, unknown> | undefined,
    call: Readonly<Record<string, unknown>>,
    reasoning: ReasoningMember | null = null,
  ): ChatExtra | null {
    const parts = {
      ...(message === undefined ? {} : { message }),
      ...(Object.keys(call).length === 0 ? {} : { call }),
      ...(reasoning === null ? {} : { reasoning }),
    };
    return Object.keys(parts).length === 0 ? null : { provider: this.#options.provider, ...parts };
  }

  #keep(member: string, value: unknown): void {
    const before = this.#extra[member];
    if (value === null || value === undefined) return;
    if (Array.isArray(value) && Array.isArray(before))
      this.#extra[member] = [...(before as unknown[]), ...(value as unknown[])];
    else if (typeof value === 'string' && typeof before === 'string') this.#extra[member] = before + value;
    else this.#extra[member] = value;
  }
}

/** Names of the same member: vLLM and DeepSeek; Ollama and OpenRouter. */
const REASONING_MEMBERS = ['reasoning_content', 'reasoning'] as const;
export type ReasoningMember = (typeof REASONING_MEMBERS)[number];

/** Members of a message that are read here, or that the next request does not need. */
const KNOWN = new Set<string>([
  ...REASONING_MEMBERS,
  ...['role', 'content', 'refusal', 'tool_calls', 'function_call', 'annotations', 'audio', 'name', 'tool_call_id'],
]);

interface Chunk {
  readonly id?: unknown;
  readonly object?: unknown;
  readonly choices?: readonly (Choice | null)[] | null;
  readonly usage?: ChatUsage | null;
  readonly error?: unknown;
}

interface Choice {
  readonly delta?: Delta | null;
  /** A server that does not stream sends the whole message. */
  readonly message?: Delta | null;
  readonly finish_reason?: string | null;
  readonly error?: unknown;
}

interface Delta {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly tool_calls?: readonly CallDelta[] | null;
  readonly function_call?: CallDelta['function'];
}

interface ChatUsage {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly total_tokens?: unknown;
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: unknown } | null;
}

function usageOf(usage: ChatUsage): ModelUsage {
  const inputTokens = tokens(usage.prompt_tokens) ?? 0;
  const outputTokens = tokens(usage.completion_tokens) ?? 0;
  return {
    inputTokens,
    cachedInputTokens: tokens(usage.prompt_tokens_details?.cached_tokens) ?? 0,
    cacheWriteInputTokens: 0,
    outputTokens,
    reasoningOutputTokens: tokens(usage.completion_tokens_details?.reasoning_tokens) ?? 0,
    totalTokens: tokens(usage.total_tokens) ?? inputTokens + outputTokens,
  };
}

function parsed(data: string): Chunk | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Content is a text, or a list of parts. A part is a text, or thoughts of Mistral, which are lists of parts themselves.
 */
function piecesOf(content: unknown): { readonly kind: Kind; readonly text: string }[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return (content as readonly unknown[]).flatMap((part) => {
    if (typeof part !== 'object' || part === null) return piecesOf(part);
    const { type, text, thinking } = part as { type?: unknown; text?: unknown; thinking?: unknown };
    if (type === 'thinking') return [{ kind: 'reasoning' as const, text: textOf(thinking) }];
    return typeof text === 'string' ? [{ kind: 'text' as const, text }] : [];
  });
}

const textOf = (content: unknown): string =>
  piecesOf(content)
    .map(({ text }) => text)
    .join('');

function itemOf({ kind, id, text }: Segment): HistoryItem {
  if (kind === 'text') {
    const content = text === '' ? [] : [{ type: 'output_text', text }];
    return { type: 'message', role: 'assistant', id, content };
  }
  const content = text === '' ? [] : [{ type: 'reasoning_text', text }];
  return { type: 'reasoning', id, summary: [], content, encrypted_content: null };
}

const withExtra = (item: HistoryItem, chat: ChatExtra | null): HistoryItem =>
  chat === null ? item : { ...item, chat };
