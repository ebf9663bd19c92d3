/** What the full screen shows of a thread, as a list that events change. */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Turn, TurnPlanStep } from '../../../schema/protocol/threads/turn.js';
import type { Growth, Tone } from '../session/chat-events.js';
import { grownItem } from '../session/grow-item.js';

/** An entry is replaced, never changed, so that what was drawn of it can be kept. */
export type Entry =
  | { readonly kind: 'item'; readonly item: ThreadItem; readonly progress: string | null }
  | { readonly kind: 'note'; readonly tone: Tone; readonly text: string }
  | { readonly kind: 'plan'; readonly plan: readonly TurnPlanStep[]; readonly explanation: string | null }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'diff'; readonly text: string };

export interface Transcript {
  readonly entries: readonly Entry[];
  reset(turns: readonly Turn[]): void;
  /** Adds the item, or replaces it if it is there. */
  put(item: ThreadItem): void;
  grow(growth: Growth): void;
  plan(plan: readonly TurnPlanStep[], explanation: string | null): void;
  add(entry: Exclude<Entry, { kind: 'item' }>): void;
  /** The item with this id. */
  item(id: string): ThreadItem | null;
}

export function createTranscript(): Transcript {
  let entries: Entry[] = [];
  const indexOf = (id: string): number =>
    entries.findLastIndex((entry) => entry.kind === 'item' && entry.item.id === id);
  const transcript: Transcript = {
    get entries() {
      return entries;
    },
    reset(turns) {
      entries = [];
      for (const { items, error } of turns) {
        for (const item of items) transcript.put(item);
        if (error) transcript.add({ kind: 'note', tone: 'error', text: error.message });
      }
    },
    put(item) {
      const at = indexOf(item.id);
      if (at < 0) entries.push({ kind: 'item', item, progress: null });
      else entries[at] = { kind: 'item', item, progress: null };
    },
    grow(growth) {
      const at = indexOf(growth.itemId);
      const entry = entries[at];
      if (entry?.kind !== 'item') return;
      const progress = growth.kind === 'progress' ? growth.text : entry.progress;
      entries[at] = { kind: 'item', item: grownItem(entry.item, growth), progress };
    },
    plan(plan, explanation) {
      const entry: Entry = { kind: 'plan', plan, explanation };
      // A plan that directly follows itself is an update of it.
      if (entries.at(-1)?.kind === 'plan') entries[entries.length - 1] = entry;
      else entries.push(entry);
    },
    add: (entry) => void entries.push(entry),
    item(id) {
      const entry = entries[indexOf(id)];
      return entry?.kind === 'item' ? entry.item : null;
    },
  };
  return transcript;
}
