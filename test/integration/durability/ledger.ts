/**
 * What a daemon has acknowledged of its threads, and what it was asked for when it died: after a restart all of the
 * first must be there, and of the second either all or nothing that was ever told.
 */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';

/** One thing that was said in a thread. Its text is unique, so that it can be found again wherever it is shown. */
export interface Entry {
  readonly text: string;
  readonly kind: 'injected' | 'shell' | 'message';
  /** Of the turn; null for what was injected. */
  readonly turnId: string | null;
  /** Items that were reported as completed. */
  readonly items: ThreadItem[];
  completed: boolean;
  /** Asked for when a daemon died, and found afterwards: the model may know less of it than the turns show. */
  uncertain: boolean;
}

/** What was asked for and not answered. */
export type Pending =
  | { readonly kind: 'say'; readonly text: string; readonly how: Entry['kind'] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'move'; readonly archived: boolean }
  | { readonly kind: 'revert'; readonly keep: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'start' }
  | { readonly kind: 'fork' };

export interface KnownThread {
  readonly id: string;
  readonly mode: 'paginated' | 'legacy';
  entries: Entry[];
  name: string | null;
  archived: boolean;
  deleted: boolean;
  /** By the daemon that runs. */
  loaded: boolean;
  /** Something was acknowledged, so that it must be found. */
  stored: boolean;
  forkedFromId: string | null;
  pending: Pending | null;
  /** Since it was looked at last. */
  touched: boolean;
}

export interface Ledger {
  readonly threads: Map<string, KnownThread>;
  /** Starts and forks without an answer: this many unknown threads may exist. */
  unanswered: number;
  nextText(): string;
  /** What was acknowledged altogether. */
  acknowledged: number;
  /** Threads that one worker took over from another. */
  handedOver: number;
}

export function createLedger(): Ledger {
  let texts = 0;
  return { threads: new Map(), unanswered: 0, acknowledged: 0, handedOver: 0, nextText: () => `mark-${++texts}-end` };
}

export function newThread(id: string, mode: KnownThread['mode'], from?: KnownThread): KnownThread {
  return {
    id,
    mode,
    entries: (from?.entries ?? []).map((entry) => ({ ...entry, items: [...entry.items] })),
    name: from?.name ?? null,
    archived: false,
    deleted: false,
    loaded: true,
    stored: from !== undefined,
    forkedFromId: from?.id ?? null,
    pending: null,
    touched: true,
  };
}

export const turnsOf = (thread: KnownThread): Entry[] => thread.entries.filter(({ turnId }) => turnId !== null);
