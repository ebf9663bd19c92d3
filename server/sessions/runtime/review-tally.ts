/**
 * Counts the denials of the automatic reviewer in a turn (docs/protocol/turns.md §6). A model that keeps asking for
 * denied actions is stopped.
 */
import type { RuntimePart } from './part.js';

export interface ReviewTally extends RuntimePart {
  /** Counts a denial. True: there are now too many. */
  denied(): boolean;
  /** Counts a review with another result: an approval, or a failed review. */
  passed(): void;
  /** Denials in a row, and among the last reviews. */
  readonly inARow: number;
  readonly recent: number;
}

/** The reference's limit. */
const MAX_IN_A_ROW = 3;
const MAX_RECENT = 10;
export const RECENT_REVIEWS = 50;

export function createReviewTally(): ReviewTally {
  const recent: boolean[] = [];
  let inARow = 0;
  let closed = false;
  const note = (denied: boolean): void => {
    if (closed) return;
    inARow = denied ? inARow + 1 : 0;
    recent.push(denied);
    if (recent.length > RECENT_REVIEWS) recent.shift();
  };
  const denials = (): number => recent.filter((denied) => denied).length;
  return {
    denied() {
      note(true);
      return inARow >= MAX_IN_A_ROW || denials() >= MAX_RECENT;
    },
    passed: () => note(false),
    get inARow() {
      return inARow;
    },
    get recent() {
      return denials();
    },
    get held() {
      return recent.length;
    },
    close() {
      closed = true;
      recent.length = 0;
      inARow = 0;
    },
  };
}
