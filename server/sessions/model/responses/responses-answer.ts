/**
 * One answer of the Responses API: converts its server-sent events to model events (docs/protocol/turns.md §3, §8).
 *
 * Servers omit parts of the protocol. All content counts: items that only the last event has, text that came in deltas
 * only, arguments in a separate event, and an item that began and never ended.
 */
import { argumentsText } from '../provider/arguments-text.js';
import { errorObjectError, failedError, incompleteError } from '../provider/model-errors.js';
import type { HistoryItem, ModelError, ModelEvent, ModelUsage } from '../provider/model-provider.js';
import { isKnownItem, itemIdOf, readHistoryItem } from '../../store/records/history-item.js';
import { isObject } from '../../../system/node/objects.js';
import { tokens } from '../provider/token-number.js';

/** An item that has begun, with its content so far. */
interface OpenItem {
  readonly item: HistoryItem;
  text: string;
  reasoning: string;
  input: string;
}

export class ResponsesAnswer {
  /** Items that have begun and not ended, by id; an item without an id has the empty text as its key. */
  readonly #open = new Map<string, OpenItem>();
  /** Ids of the complete items and of their calls. */
  readonly #whole = new Set<string>();
  #count = 0;

  /** `name`: the name in the event's own line. Unknown events are ignored. Throws ModelError for a failed answer. */
  *take(name: string | null, data: string): Generator<ModelEvent> {
    const event = parsed(data);
    if (event === null) {
      if (name === 'error') throw errorObjectError(data);
      return; // `[DONE]`, and events that proxies add
    }
    const type = event.type ?? name ?? untypedKind(event) ?? '';
    const itemId = event.item_id ?? '';
    const delta = typeof event.delta === 'string' ? event.delta : '';
    switch (type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        if (this.#of(itemId) === undefined && !this.#whole.has(itemId)) yield* this.#begin(emptyMessage(itemId));
        this.#grow(itemId, 'text', delta);
        yield { type: 'textDelta', itemId, delta };
        break;
      case 'response.output_item.added': {
        const item = itemOf(event.item);
        // Text may come first, and has then begun the item.
        if (item !== null && !this.#open.has(idOf(item))) yield* this.#begin(item);
        break;
      }
      case 'response.output_item.done': {
        const item = itemOf(event.item);
        if (item !== null) yield* this.#end(item);
        break;
      }
      case 'response.reasoning_summary_part.added':
        yield { type: 'summaryPart', itemId, index: event.summary_index ?? 0 };
        break;
      case 'response.reasoning_summary_text.delta':
        yield { type: 'summaryDelta', itemId, index: event.summary_index ?? 0, delta };
        break;
      case 'response.reasoning_text.delta':
        this.#grow(itemId, 'reasoning', delta);
        yield { type: 'reasoningDelta', itemId, index: event.content_index ?? 0, delta };
        break;
      case 'response.custom_tool_call_input.delta':
      case 'response.function_call_arguments.delta':
        this.#grow(itemId, 'input', delta);
        yield { type: 'toolInputDelta', itemId, delta };
        break;
      case 'response.custom_tool_call_input.done':
      case 'response.function_call_arguments.done':
        this.#setInput(itemId, argumentsText(event.arguments ?? event.input));
        break;
      case 'response.completed':
      case 'response.done':
        yield* this.#rest(event.response?.output);
        yield { type: 'completed', responseId: event.response?.id ?? null, usage: usageOf(event.response?.usage) };
        break;
      case 'response':
        yield* this.#rest(event.output);
        yield { type: 'completed', responseId: event.id ?? null, usage: usageOf(event.usage) };
        break;
      case 'response.failed':
        throw failedAnswer(event);
      case 'response.incomplete':
        throw incompleteError(event.response?.incomplete_details?.reason ?? 'unknown');
      case 'error':
        throw errorObjectError(event);
      default: // unknown events
    }
  }

  *#begin(item: HistoryItem): Generator<ModelEvent> {
    this.#open.set(idOf(item), { item, text: '', reasoning: '', input: '' });
    yield { type: 'itemStarted', item };
  }

  *#end(item: HistoryItem): Generator<ModelEvent> {
    const open = this.#open.get(idOf(item));
    this.#open.delete(idOf(item));
    this.#whole.add(idOf(item));
    this.#count++;
    yield { type: 'item', item: open === undefined ? item : filled(item, open) };
  }

  /** The items that only the end of the answer has: some servers repeat the whole answer in `output`. */
  *#rest(output: unknown): Generator<ModelEvent> {
    const items = Array.isArray(output) ? output.flatMap((value) => itemOf(value) ?? []) : [];
    const missing =
      this.#count === 0 ? items : items.filter((item) => idOf(item) !== '' && !this.#whole.has(idOf(item)));
    for (const item of missing) yield* this.#end(item);
    for (const { item } of [...this.#open.values()]) yield* this.#end(item);
  }

  #grow(id: string, member: 'text' | 'reasoning' | 'input', delta: string): void {
    const open = this.#of(id);
    if (open !== undefined) open[member] += delta;
  }

  #setInput(id: string, input: string): void {
    const open = this.#of(id);
    if (open !== undefined && input !== '') open.input = input;
  }

  /** Some servers name no item: then the event belongs to the item that began last. */
  #of(id: string): OpenItem | undefined {
    return this.#open.get(id) ?? (id === '' ? [...this.#open.values()].at(-1) : undefined);
  }
}

function failedAnswer({ response, error }: WireEvent): ModelError {
  const reason = response?.error ?? response?.status_details?.error ?? error ?? null;
  return reason === null ? failedError(null, 'response.failed event received') : errorObjectError({ error: reason });
}

/** An item with its arguments as text and its content as parts. Null: the value is no item. */
const itemOf = (value: unknown): HistoryItem | null => readHistoryItem(isObject(value) ? usual(value) : value);

function usual(item: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { type, arguments: input, content } = item;
  if (type === 'function_call' && typeof input !== 'string' && input !== undefined)
    return { ...item, arguments: argumentsText(input) };
  if (type === 'message' && typeof content === 'string')
    return { ...item, content: [{ type: 'output_text', text: content }] };
  return item;
}

/** Adds the content of deltas that the item itself omits. */
function filled(item: HistoryItem, { text, reasoning, input }: OpenItem): HistoryItem {
  if (!isKnownItem(item)) return item;
  switch (item.type) {
    case 'message':
      return text !== '' && isEmpty(item.content) ? { ...item, content: [{ type: 'output_text', text }] } : item;
    case 'reasoning':
      return reasoning !== '' && isEmpty(item.content) && isEmpty(item.summary)
        ? { ...item, content: [{ type: 'reasoning_text', text: reasoning }] }
        : item;
    case 'function_call':
      return input !== '' && !item.arguments ? { ...item, arguments: input } : item;
    case 'custom_tool_call':
      return input !== '' && !item.input ? { ...item, input } : item;
    default:
      return item;
  }
}

const isEmpty = (parts: unknown): boolean => !Array.isArray(parts) || parts.length === 0;

const emptyMessage = (id: string): HistoryItem => ({ type: 'message', role: 'assistant', id, content: [] });

const idOf = (item: HistoryItem): string => itemIdOf(item) ?? '';

/** What an event without a type is: the whole answer of a server that does not stream, or an error. */
function untypedKind({ object, error }: WireEvent): string | undefined {
  if (object === 'response') return 'response';
  return object === 'error' || (error ?? null) !== null ? 'error' : undefined;
}

function parsed(data: string): WireEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** The members that are read from known events; any of them may be missing. */
interface WireEvent {
  readonly type?: string;
  readonly object?: unknown;
  readonly item?: unknown;
  readonly item_id?: string;
  readonly delta?: unknown;
  readonly arguments?: unknown;
  readonly input?: unknown;
  readonly summary_index?: number;
  readonly content_index?: number;
  readonly error?: unknown;
  readonly response?: WireResponse;
  /** For a whole answer. */
  readonly id?: string;
  readonly output?: unknown;
  readonly usage?: WireUsage | null;
}

interface WireResponse {
  readonly id?: string;
  readonly output?: unknown;
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
  readonly status_details?: { readonly error?: unknown } | null;
  readonly incomplete_details?: { readonly reason?: string } | null;
}

interface WireUsage {
  readonly input_tokens?: unknown;
  readonly input_tokens_details?: { readonly cached_tokens?: unknown; readonly cache_write_tokens?: unknown } | null;
  readonly output_tokens?: unknown;
  readonly output_tokens_details?: { readonly reasoning_tokens?: unknown } | null;
  readonly total_tokens?: unknown;
}

function usageOf(usage: WireUsage | null | undefined): ModelUsage | null {
  if (!usage) return null;
  const inputTokens = tokens(usage.input_tokens) ?? 0;
  const outputTokens = tokens(usage.output_tokens) ?? 0;
  return {
    inputTokens,
    cachedInputTokens: tokens(usage.input_tokens_details?.cached_tokens) ?? 0,
    cacheWriteInputTokens: tokens(usage.input_tokens_details?.cache_write_tokens) ?? 0,
    outputTokens,
    reasoningOutputTokens: tokens(usage.output_tokens_details?.reasoning_tokens) ?? 0,
    totalTokens: tokens(usage.total_tokens) ?? inputTokens + outputTokens,
  };
}
