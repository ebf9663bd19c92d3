/** The items of a thread as a client received them, and what is wrong with them. */
import type { Client } from '../../../clients/typescript/index.js';
import type { NotificationParams } from '../../../schema/registry.js';

type Item = NotificationParams<'item/completed'>['item'];

export interface ItemLedger {
  readonly count: number;
  /** How many items of a type were completed. */
  completed(type: Item['type']): number;
  /** One line a fault. */
  readonly faults: readonly string[];
  /** Items that began and did not end. */
  open(): readonly string[];
  /** Completed items that are not among those that were read. */
  missingIn(turns: readonly { readonly items: readonly Item[] }[]): readonly string[];
}

/** A command may continue when its turn ends; its item ends with it (docs/protocol/turns.md §7). */
const outlives = (type: string): boolean => type === 'commandExecution';
/** What the model was saying when its turn was interrupted, and a compaction that failed, are not completed (ibid.). */
const isCut = (type: string, status: string): boolean =>
  type === 'contextCompaction'
    ? status !== 'completed'
    : status === 'interrupted' && ['agentMessage', 'reasoning', 'plan'].includes(type);

export function createItemLedger(client: Client, threadId: string): ItemLedger {
  const open = new Map<string, { readonly type: string; readonly turnId: string }>();
  const done = new Map<string, Item>();
  const faults: string[] = [];
  /** A server may give an id again in another turn. */
  const key = (turnId: string, { id }: Item): string => `${turnId}/${id}`;
  const nameOf = ({ type, id }: { type: string; id: string }, turnId: string): string => `${type} ${id} of ${turnId}`;
  client.onNotification('item/started', ({ item, turnId, threadId: of }) => {
    if (of !== threadId) return;
    if (open.has(key(turnId, item)) || done.has(key(turnId, item)))
      faults.push(`begins again: ${nameOf(item, turnId)}`);
    open.set(key(turnId, item), { type: item.type, turnId });
  });
  client.onNotification('item/completed', ({ item, turnId, threadId: of }) => {
    if (of !== threadId) return;
    if (done.has(key(turnId, item))) faults.push(`ends again: ${nameOf(item, turnId)}`);
    else if (!open.delete(key(turnId, item))) faults.push(`ends without a beginning: ${nameOf(item, turnId)}`);
    done.set(key(turnId, item), item);
  });
  client.onNotification('turn/completed', ({ turn, threadId: of }) => {
    if (of !== threadId) return;
    for (const [id, { type, turnId }] of open) {
      if (turnId !== turn.id || outlives(type)) continue;
      if (!isCut(type, turn.status)) faults.push(`is open when its turn ends: ${type} ${id}`);
      open.delete(id);
    }
  });
  return {
    get count() {
      return done.size;
    },
    completed: (type) => [...done.values()].filter((item) => item.type === type).length,
    faults,
    open: () => [...open].map(([id, { type, turnId }]) => `${type} ${id} of ${turnId}`),
    missingIn(turns) {
      const read = new Set(turns.flatMap(({ items }) => items.map(({ id }) => id)));
      return [...done.values()].filter(({ id }) => !read.has(id)).map(({ id, type }) => `${type} ${id}`);
    },
  };
}
