/** A turn that writes down what the parts of a response tell it. */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { ResponseContext } from '../../../../server/sessions/turn/answer/response-context.js';

export interface Told extends ResponseContext {
  /** `started TYPE ID`, `completed TYPE ID`, and the methods of notifications with their deltas. */
  readonly told: string[];
  /** The completed items. */
  readonly items: ThreadItem[];
  /** The payloads of the records, in their order. */
  readonly records: unknown[];
}

export function responseContext(): Told {
  const told: string[] = [];
  const items: ThreadItem[] = [];
  const records: unknown[] = [];
  const ids = new Set<string>();
  return {
    told,
    items,
    records,
    thread: {
      id: 'thread',
      record: (more) => void records.push(...more.map(({ payload }) => payload)),
      events: {
        notify(method, params) {
          const { delta, itemId } = params as { delta?: string; itemId?: string };
          told.push([method, itemId, ...(delta === undefined ? [] : [delta])].join(' '));
        },
      },
    },
    turn: {
      id: 'turn',
      hasItem: (id) => ids.has(id),
      itemStarted(item) {
        ids.add(item.id);
        told.push(`started ${item.type} ${item.id}`);
      },
      itemChanged: () => undefined,
      itemCompleted(item, more = []) {
        told.push(`completed ${item.type} ${item.id}`);
        items.push(item);
        records.push(...more.map(({ payload }) => payload));
      },
    },
  };
}
