/** The messages of one response, and the plans in them (docs/protocol/turns.md §2). */
import { wordOf } from '../../../system/node/objects.js';
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { MessagePhase } from '../../../../schema/protocol/threads/response-item.js';
import { itemIdOf, type HistoryItemOf } from '../../store/records/history-item.js';
import { textsIn } from '../../store/records/item-text.js';
import { createPlanSplitter, type PlanPiece, type PlanSplitter } from './plan-text.js';
import { givenId, idsOf, responseRecord, unusedId, type ResponseContext } from './response-context.js';

export interface ResponseMessages {
  begin(history: HistoryMessage): void;
  /** An unknown id means the message that began last. */
  grow(itemId: string, delta: string): void;
  done(history: HistoryMessage): void;
  /** Completes the messages that have text, as if the model had ended them here. */
  cutOff(): void;
  /** Completes the open messages as far as they arrived, for people only. */
  completeOpen(): void;
}

type HistoryMessage = HistoryItemOf<'message'>;
type Message = Extract<ThreadItem, { type: 'agentMessage' }>;

interface OpenMessage {
  item: Message;
  /** The text as the model wrote it, including a plan. */
  raw: string;
  readonly plan: PlanSplitter | null;
  planItem: { readonly id: string; text: string } | null;
}

export function createResponseMessages(context: ResponseContext, planMode: boolean): ResponseMessages {
  const { turn } = context;
  const { events } = context.thread;
  const ids = idsOf(context);
  /** By the id that the server gave. */
  const messages = new Map<string, OpenMessage>();

  const open = (history: HistoryMessage, given: string): OpenMessage => {
    const item: Message = { ...EMPTY_MESSAGE, id: unusedId(context, given, 'msg'), phase: phaseOf(history) };
    const message = { item, raw: '', plan: planMode ? createPlanSplitter() : null, planItem: null };
    messages.set(given, message);
    turn.itemStarted(item);
    return message;
  };

  const tell = (message: OpenMessage, pieces: readonly PlanPiece[]): void => {
    for (const piece of pieces) {
      switch (piece.kind) {
        case 'text':
          message.item = { ...message.item, text: message.item.text + piece.text };
          turn.itemChanged(message.item);
          events.notify('item/agentMessage/delta', { ...ids, itemId: message.item.id, delta: piece.text });
          break;
        case 'planStart':
          if (message.planItem !== null) break; // a second plan continues the first one
          message.planItem = { id: unusedId(context, `${turn.id}-plan`, `${turn.id}-plan`), text: '' };
          turn.itemStarted({ type: 'plan', ...message.planItem });
          break;
        case 'plan':
          if (message.planItem === null) break;
          message.planItem.text += piece.text;
          events.notify('item/plan/delta', { ...ids, itemId: message.planItem.id, delta: piece.text });
          break;
        case 'planEnd': // the plan is completed with its message
      }
    }
  };

  const grow = (message: OpenMessage, text: string): void => {
    message.raw += text;
    tell(message, message.plan === null ? [{ kind: 'text', text }] : message.plan.push(text));
  };

  const done = (history: HistoryMessage): void => {
    // If a server gives no ids, the event is about the last message that began.
    const lastId = itemIdOf(history) === null ? [...messages.keys()].at(-1) : undefined;
    const id = lastId ?? givenId(history, 'msg');
    const whole = textsIn(history.content, { refusals: true }).join('');
    const message = messages.get(id) ?? open(history, id);
    if (message.plan !== null) {
      // Text that did not come in pieces goes through the splitter, too.
      if (message.raw === '') grow(message, whole);
      tell(message, message.plan.end());
      if (message.planItem !== null) turn.itemCompleted({ type: 'plan', ...message.planItem });
    } else message.item = { ...message.item, text: whole };
    messages.delete(id);
    const item = { ...message.item, phase: phaseOf(history) ?? message.item.phase ?? null };
    turn.itemCompleted(item, [responseRecord({ ...history, id: item.id })]);
  };

  return {
    begin: (history) => void open(history, givenId(history, 'msg')),
    grow(itemId, delta) {
      const message = messages.get(itemId) ?? [...messages.values()].at(-1);
      if (message !== undefined) grow(message, delta);
    },
    done,
    cutOff() {
      for (const [id, { raw }] of [...messages]) {
        if (raw === '') continue;
        done({ type: 'message', role: 'assistant', id, content: [{ type: 'output_text', text: raw }] });
      }
    },
    completeOpen() {
      for (const { item, planItem } of messages.values()) {
        if (planItem !== null) turn.itemCompleted({ type: 'plan', ...planItem });
        turn.itemCompleted(item);
      }
      messages.clear();
    },
  };
}

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

const PHASES: readonly MessagePhase[] = ['commentary', 'partial_answer', 'final_answer'];

/** Clients know these phases only. The history keeps any other one. */
const phaseOf = ({ phase }: HistoryMessage): MessagePhase | null => wordOf(PHASES, phase);
