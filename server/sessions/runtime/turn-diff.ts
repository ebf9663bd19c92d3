/** What the patches of a turn have changed so far (docs/protocol/turns.md §5). */
import type { RuntimePart } from './part.js';

/** One file that a patch has changed. Paths are absolute. */
export type DiffedChange =
  | {
      readonly kind: 'add';
      readonly path: string;
      /** Of a file that was overwritten. */
      readonly before: string | null;
      readonly content: string;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly before: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      /** Null: it stays where it is. */
      readonly moveTo: string | null;
      /** The content of another file that the move overwrote. */
      readonly overwritten: string | null;
      readonly before: string;
      readonly content: string;
    };

/** Against what was there before the turn. */
export interface TurnDiff {
  add(changes: readonly DiffedChange[]): void;
  /** As git would show it; '' when everything is as it was. Null: nothing was ever changed. */
  text(): string | null;
}

/** The place of a turn's diff, which the first patch makes. */
export interface KeptDiff extends RuntimePart {
  /** Null: no patch was applied yet. */
  readonly diff: TurnDiff | null;
  /** The diff that is kept, else the one that is made now. */
  orMade(make: () => TurnDiff): TurnDiff;
}

export function createKeptDiff(): KeptDiff {
  let diff: TurnDiff | null = null;
  let closed = false;
  return {
    get diff() {
      return diff;
    },
    orMade(make) {
      const made = diff ?? make();
      if (!closed) diff = made;
      return made;
    },
    get held() {
      return diff === null ? 0 : 1;
    },
    close() {
      closed = true;
      diff = null;
    },
  };
}
