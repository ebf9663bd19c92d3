/** The changes that the patches of a turn made so far (docs/protocol/turns.md §5). */
import type { RuntimePart } from './part.js';

/** One file that a patch changed. Paths are absolute. */
export type DiffedChange =
  | {
      readonly kind: 'add';
      readonly path: string;
      /** The old content, if the file was overwritten. */
      readonly before: string | null;
      readonly content: string;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly before: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      /** Null: the file is not moved. */
      readonly moveTo: string | null;
      /** The content of another file that the move overwrote. */
      readonly overwritten: string | null;
      readonly before: string;
      readonly content: string;
    };

/** The difference to the state before the turn. */
export interface TurnDiff {
  add(changes: readonly DiffedChange[]): void;
  /** The diff in git's form; '' if the files are as before. Null: no file was ever changed. */
  text(): string | null;
}

/** Holds the diff of a turn, which the first patch creates. */
export interface TurnDiffHolder extends RuntimePart {
  /** Null: no patch was applied yet. */
  readonly diff: TurnDiff | null;
  /** The diff that clients received last; null: none. */
  told: string | null;
  /** Returns the stored diff, or creates it. */
  getOrCreate(make: () => TurnDiff): TurnDiff;
}

export function createTurnDiffHolder(): TurnDiffHolder {
  let diff: TurnDiff | null = null;
  let closed = false;
  const holder: TurnDiffHolder = {
    told: null,
    get diff() {
      return diff;
    },
    getOrCreate(make) {
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
      holder.told = null;
    },
  };
  return holder;
}
