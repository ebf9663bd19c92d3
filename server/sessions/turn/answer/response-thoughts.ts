/** The reasoning of one response (docs/protocol/turns.md §2). */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { HistoryItemOf } from '../../store/records/history-item.js';
import { textsIn } from '../../store/records/item-text.js';
import { givenId, idsOf, responseRecord, unusedId, type ResponseContext } from './response-context.js';

export interface ResponseThoughts {
  begin(history: HistoryReasoning): void;
  /** A part of the summary begins. */
  summaryPart(itemId: string, index: number): void;
  /** A piece of a part, with the part's index. */
  grow(itemId: string, member: 'summary' | 'content', index: number, delta: string): void;
  done(history: HistoryReasoning): void;
  /** Completes the open thoughts as far as they arrived, for people only. */
  completeOpen(): void;
}

type HistoryReasoning = HistoryItemOf<'reasoning'>;
type Reasoning = Extract<ThreadItem, { type: 'reasoning' }>;

export function createResponseThoughts(context: ResponseContext): ResponseThoughts {
  const { turn } = context;
  const { events } = context.thread;
  const ids = idsOf(context);
  /** By the id that the server gave. */
  const thoughts = new Map<string, Reasoning>();

  const open = (given: string): Reasoning => {
    const thought: Reasoning = { type: 'reasoning', id: unusedId(context, given, 'rs'), summary: [], content: [] };
    thoughts.set(given, thought);
    turn.itemStarted(thought);
    return thought;
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

  return {
    begin: (history) => void open(givenId(history, 'rs')),
    summaryPart(about, summaryIndex) {
      const [, thought] = thoughtOf(about) ?? [];
      if (thought === undefined) return;
      events.notify('item/reasoning/summaryPartAdded', { ...ids, itemId: thought.id, summaryIndex });
    },
    grow(about, member, index, delta) {
      const itemId = think(about, member, index, delta);
      if (itemId === null) return;
      if (member === 'summary')
        events.notify('item/reasoning/summaryTextDelta', { ...ids, itemId, summaryIndex: index, delta });
      else events.notify('item/reasoning/textDelta', { ...ids, itemId, contentIndex: index, delta });
    },
    done(history) {
      const given = givenId(history, 'rs');
      const { id } = thoughts.get(given) ?? open(given);
      thoughts.delete(given);
      const { content = null, encrypted_content = null, chat } = history;
      const summary = history.summary ?? [];
      const kept = { type: 'reasoning', id, summary, content, encrypted_content } as const;
      const said = { refusals: true };
      turn.itemCompleted({ type: 'reasoning', id, summary: textsIn(summary, said), content: textsIn(content, said) }, [
        responseRecord(chat === undefined ? kept : { ...kept, chat }),
      ]);
    },
    completeOpen() {
      for (const thought of thoughts.values()) turn.itemCompleted(thought);
      thoughts.clear();
    },
  };
}

/** Of a thought: the endpoint determines the index of a part. */
const MOST_PARTS = 1000;
