/**
 * Converts one response of the model to items of the turn. Clients receive them as they grow; complete items are on
 * disk (docs/protocol/turns.md §2). Calls of the model are passed to `call`.
 */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { HistoryItem, ModelEvent } from '../model/provider/model-provider.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import { isKnown } from '../store/records/item-for-model.js';
import { newId } from '../store/records/thread-id.js';
import type { InputWatch, StreamedCall, ToolCall } from '../tool-types/tool.js';
import { createCallInputs } from './call-inputs.js';
import { createPlanSplitter, type PlanPiece, type PlanSplitter } from './plan-text.js';

export interface ResponseItemsOptions {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly planMode: boolean;
  /** Follows the input of a call while the model writes it; null: nothing does. */
  readonly watchInput: (call: StreamedCall) => InputWatch | null;
  /** The call is on disk already. */
  readonly call: (call: ToolCall) => void;
  /** An item of an unknown type: it is stored in the thread's file, and no request contains it. */
  readonly unknown: (type: string) => void;
}

export interface ResponseItems {
  take(event: Exclude<ModelEvent, { type: 'completed' | 'notice' }>): void;
  /** A new message of the person stopped the response: a message that was sent in part stays as it is. */
  cutOff(): void;
  /** The response broke off. Its open items are completed as far as they arrived, for people only. */
  brokenOff(): void;
}

type Message = Extract<ThreadItem, { type: 'agentMessage' }>;
type Reasoning = Extract<ThreadItem, { type: 'reasoning' }>;
type WebSearch = Extract<ThreadItem, { type: 'webSearch' }>;

interface OpenMessage {
  item: Message;
  /** The text as the model wrote it, including a plan. */
  raw: string;
  readonly plan: PlanSplitter | null;
  planItem: { readonly id: string; text: string } | null;
}

export function createResponseItems(options: ResponseItemsOptions): ResponseItems {
  const { thread, turn, planMode, call, unknown } = options;
  const messages = new Map<string, OpenMessage>();
  const thoughts = new Map<string, Reasoning>();
  const searches = new Map<string, WebSearch>();
  const calls = new Set<string>();
  const inputs = createCallInputs(options.watchInput);
  const ids = { threadId: thread.id, turnId: turn.id };
  const { events } = thread;

  /** A server may give an id again; clients tell the items of a turn apart by it, so the second one gets its own. */
  const unused = (given: string, prefix: string): string => (turn.hasItem(given) ? `${prefix}_${newId()}` : given);

  /** `given`: the server's id, as for thoughts and searches. */
  const openMessage = (history: HistoryItem, given: string): OpenMessage => {
    const id = unused(given, 'msg');
    const item: Message = { ...EMPTY_MESSAGE, id, phase: (history.phase as Message['phase'] | undefined) ?? null };
    const open = { item, raw: '', plan: planMode ? createPlanSplitter() : null, planItem: null };
    messages.set(given, open);
    turn.itemStarted(item);
    return open;
  };
  const tell = (open: OpenMessage, pieces: readonly PlanPiece[]): void => {
    for (const piece of pieces) {
      switch (piece.kind) {
        case 'text':
          open.item = { ...open.item, text: open.item.text + piece.text };
          turn.itemChanged(open.item);
          events.notify('item/agentMessage/delta', { ...ids, itemId: open.item.id, delta: piece.text });
          break;
        case 'planStart':
          if (open.planItem !== null) break; // a second plan continues the first one
          open.planItem = { id: unused(`${turn.id}-plan`, `${turn.id}-plan`), text: '' };
          turn.itemStarted({ type: 'plan', ...open.planItem });
          break;
        case 'plan':
          if (open.planItem === null) break;
          open.planItem.text += piece.text;
          events.notify('item/plan/delta', { ...ids, itemId: open.planItem.id, delta: piece.text });
          break;
        case 'planEnd': // the plan is completed with its message
      }
    }
  };
  const grow = (open: OpenMessage, text: string): void => {
    open.raw += text;
    tell(open, open.plan === null ? [{ kind: 'text', text }] : open.plan.push(text));
  };

  /** If a server gives no ids, the event is about the last message that began. */
  const openId = ({ id }: HistoryItem): string | undefined =>
    typeof id === 'string' && id !== '' ? undefined : [...messages.keys()].at(-1);

  const messageDone = (history: HistoryItem): void => {
    const id = openId(history) ?? textId(history, 'msg');
    const whole = textOf(history.content);
    const open = messages.get(id) ?? openMessage(history, id);
    if (open.plan !== null) {
      // Text that did not come in pieces goes through the splitter, too.
      if (open.raw === '') grow(open, whole);
      tell(open, open.plan.end());
      if (open.planItem !== null) turn.itemCompleted({ type: 'plan', ...open.planItem });
    } else open.item = { ...open.item, text: whole };
    messages.delete(id);
    const phase = (history.phase as Message['phase'] | undefined) ?? open.item.phase ?? null;
    turn.itemCompleted({ ...open.item, phase }, [record({ ...history, id: open.item.id })]);
  };

  const openThought = (given: string): Reasoning => {
    const thought: Reasoning = { type: 'reasoning', id: unused(given, 'rs'), summary: [], content: [] };
    thoughts.set(given, thought);
    turn.itemStarted(thought);
    return thought;
  };

  const reasoningDone = (history: HistoryItem): void => {
    const given = textId(history, 'rs');
    const { id } = thoughts.get(given) ?? openThought(given);
    const item: Reasoning = {
      type: 'reasoning',
      id,
      summary: textsOf(history.summary),
      content: textsOf(history.content),
    };
    thoughts.delete(given);
    const { summary, content = null, encrypted_content: encrypted = null, chat } = history;
    const kept = { type: 'reasoning', id, summary: summary ?? [], content, encrypted_content: encrypted };
    turn.itemCompleted(item, [record(chat === undefined ? kept : { ...kept, chat })]);
  };

  const webSearch = (history: HistoryItem, id: string): WebSearch => {
    const action = searchAction(history.action);
    const query = action?.type === 'search' ? action.query : action?.type === 'openPage' ? action.url : null;
    return { type: 'webSearch', id, query: query ?? '', action, results: null };
  };

  const openSearch = (history: HistoryItem, given: string): WebSearch => {
    const search = webSearch(history, unused(given, 'ws'));
    searches.set(given, search);
    turn.itemStarted(search);
    return search;
  };

  const searchDone = (history: HistoryItem): void => {
    const given = textId(history, 'ws');
    const { id } = searches.get(given) ?? openSearch(history, given);
    searches.delete(given);
    turn.itemCompleted(webSearch(history, id), [record({ ...history, id })]);
  };

  /**
   * The thought that an event is about: without an id, or with an unknown one, the last that began. Without an open
   * thought clients are not notified: there is no item that could grow.
   */
  const thoughtOf = (given: string): [given: string, thought: Reasoning] | undefined => {
    const thought = thoughts.get(given);
    return thought === undefined ? [...thoughts].at(-1) : [given, thought];
  };

  /** Adds to the part of a thought that was sent so far. Returns the id of its item, or null: no thought is open. */
  const think = (about: string, member: 'summary' | 'content', index: number, delta: string): string | null => {
    const [given, thought] = thoughtOf(about) ?? [];
    if (given === undefined || thought === undefined) return null;
    if (index < 0 || index > MOST_PARTS) return thought.id;
    const parts = [...thought[member]];
    while (parts.length <= index) parts.push('');
    parts[index] += delta;
    const grown: Reasoning = { ...thought, [member]: parts };
    thoughts.set(given, grown);
    turn.itemChanged(grown);
    return thought.id;
  };

  /** Another call or item of the turn has this id. */
  const isTaken = (callId: string): boolean => calls.has(callId) || turn.hasItem(callId);

  /** Each call of a turn gets a unique id: otherwise their outputs could not be told apart. */
  const withOwnId = (history: HistoryItem): HistoryItem => {
    const { call_id: given } = history;
    const callId = typeof given === 'string' && given !== '' && !isTaken(given) ? given : `call_${newId()}`;
    calls.add(callId);
    return { ...history, call_id: callId };
  };

  const done = (history: HistoryItem): void => {
    switch (history.type) {
      case 'message':
        if (history.role === 'assistant') messageDone(history);
        else thread.record([record(history)]);
        break;
      case 'reasoning':
        reasoningDone(history);
        break;
      case 'web_search_call':
        searchDone(history);
        break;
      case 'function_call':
      case 'custom_tool_call': {
        const own = withOwnId(history);
        thread.record([record({ ...own, id: textId(own, own.type === 'function_call' ? 'fc' : 'ctc') })]);
        const made = callOf(own);
        inputs.end(made.callId);
        call(made);
        break;
      }
      case 'local_shell_call': {
        const own = withOwnId(history);
        thread.record([record(own)]);
        call({ ...callOf(own), name: 'local_shell', kind: 'function' });
        break;
      }
      default:
        // Endpoints get their own values back, such as results of their own tools.
        thread.record([record(history)]);
        if (!isKnown(history)) unknown(history.type);
    }
  };

  const completeOpen = (): void => {
    for (const { item, planItem } of messages.values()) {
      if (planItem !== null) turn.itemCompleted({ type: 'plan', ...planItem });
      turn.itemCompleted(item);
    }
    for (const item of [...thoughts.values(), ...searches.values()]) turn.itemCompleted(item);
    messages.clear();
    thoughts.clear();
    searches.clear();
  };

  return {
    take(event) {
      switch (event.type) {
        case 'itemStarted': {
          const { item } = event;
          if (item.type === 'message' && item.role === 'assistant') openMessage(item, textId(item, 'msg'));
          if (item.type === 'reasoning') openThought(textId(item, 'rs'));
          if (item.type === 'web_search_call') openSearch(item, textId(item, 'ws'));
          inputs.begin(item, isTaken(text(item.call_id) ?? ''));
          break;
        }
        case 'textDelta': {
          const open = messages.get(event.itemId) ?? [...messages.values()].at(-1);
          if (open !== undefined) grow(open, event.delta);
          break;
        }
        case 'summaryPart': {
          const [, thought] = thoughtOf(event.itemId) ?? [];
          if (thought === undefined) break;
          events.notify('item/reasoning/summaryPartAdded', { ...ids, itemId: thought.id, summaryIndex: event.index });
          break;
        }
        case 'summaryDelta': {
          const { index: summaryIndex, delta } = event;
          const itemId = think(event.itemId, 'summary', summaryIndex, delta);
          if (itemId === null) break;
          events.notify('item/reasoning/summaryTextDelta', { ...ids, itemId, summaryIndex, delta });
          break;
        }
        case 'reasoningDelta': {
          const { index: contentIndex, delta } = event;
          const itemId = think(event.itemId, 'content', contentIndex, delta);
          if (itemId === null) break;
          events.notify('item/reasoning/textDelta', { ...ids, itemId, contentIndex, delta });
          break;
        }
        case 'item':
          done(event.item);
          break;
        case 'toolInputDelta':
          inputs.push(event.itemId, event.delta);
      }
    },
    cutOff() {
      for (const [id, open] of [...messages]) {
        if (open.raw === '') continue;
        const content = [{ type: 'output_text', text: open.raw }];
        messageDone({ type: 'message', role: 'assistant', id, content });
      }
      completeOpen();
    },
    brokenOff: completeOpen,
  };
}

/** Of a thought: the endpoint determines the index of a part. */
const MOST_PARTS = 1000;

const EMPTY_MESSAGE: Message = {
  type: 'agentMessage',
  id: '',
  text: '',
  phase: null,
  memoryCitation: null,
  moderation: null,
  delivery: null,
  questions: null,
};

function callOf({ call_id: callId, name, namespace, type, arguments: args, input }: HistoryItem): ToolCall {
  const custom = type === 'custom_tool_call';
  return {
    callId: text(callId) ?? newId(),
    name: text(name) ?? '',
    namespace: text(namespace),
    kind: custom ? 'custom' : 'function',
    input: text(custom ? input : args) ?? '',
  };
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

type SearchAction = NonNullable<Extract<ThreadItem, { type: 'webSearch' }>['action']>;

function searchAction(action: unknown): SearchAction | null {
  if (typeof action !== 'object' || action === null) return null;
  const { type, ...rest } = action as { readonly type?: unknown; readonly [member: string]: unknown };
  switch (type) {
    case 'search':
      return { ...rest, type: 'search' } as SearchAction;
    case 'open_page':
      return { ...rest, type: 'openPage' } as SearchAction;
    case 'find_in_page':
      return { ...rest, type: 'findInPage' } as SearchAction;
    default:
      return { type: 'other' };
  }
}

/** The model's id, or a new one if it gave none. */
const textId = ({ id }: HistoryItem, prefix: string): string =>
  typeof id === 'string' && id !== '' ? id : `${prefix}_${newId()}`;

function textsOf(parts: unknown): string[] {
  if (!Array.isArray(parts)) return [];
  return (parts as readonly { text?: unknown; refusal?: unknown }[]).flatMap(({ text, refusal }) => {
    const words = text ?? refusal;
    return typeof words === 'string' ? [words] : [];
  });
}

const textOf = (parts: unknown): string => textsOf(parts).join('');
const record = (payload: HistoryItem): NewRecord => ({ type: 'response_item', payload });
