/**
 * Scores of places where a word occurs in a name, as nucleo and fzf have them: characters count 16 each, beginnings of
 * words and runs of characters more, gaps less (docs/protocol/services.md §2).
 */
import { Kind } from './characters.js';

export const MATCH = 16;
const GAP_START = 3;
const GAP_MORE = 1;
const BOUNDARY = MATCH / 2;
/** After a delimiter of paths, and at the start of the path. */
export const DELIMITER_BOUNDARY = BOUNDARY + 1;
/** `camelCase`, `letter123`. */
const CAMEL = BOUNDARY - GAP_START;
const CONSECUTIVE = GAP_START + GAP_MORE;
export const FIRST_TIMES = 2;

/** A name that is searched: at least `length` characters. The arrays are used again for the next name. */
export interface Haystack {
  folded: Uint32Array;
  kinds: Uint8Array;
  length: number;
  /** Of the whole path. */
  isAscii: boolean;
}

export const newHaystack = (): Haystack => ({
  folded: new Uint32Array(256),
  kinds: new Uint8Array(256),
  length: 0,
  isAscii: true,
});

/** Gives the arrays room for `length` characters. */
export function makeRoom(haystack: Haystack, length: number): void {
  haystack.length = length;
  if (length <= haystack.folded.length) return;
  haystack.folded = new Uint32Array(length * 2);
  haystack.kinds = new Uint8Array(length * 2);
}

const KINDS = 7;
const BONUS = Uint8Array.from({ length: KINDS * KINDS }, (_, at) => bonus(Math.floor(at / KINDS), at % KINDS));

function bonus(before: number, kind: number): number {
  if (kind > Kind.delimiter) {
    if (before === Kind.whitespace || before === Kind.sign) return BOUNDARY;
    if (before === Kind.delimiter) return DELIMITER_BOUNDARY;
  }
  if (before === Kind.lower && kind === Kind.upper) return CAMEL;
  if (before !== Kind.digit && kind === Kind.digit) return CAMEL;
  return kind === Kind.whitespace || kind === Kind.sign ? BOUNDARY : 0;
}

/** What a character counts more because of what is before it. A path begins as after a delimiter. */
export const bonusAt = ({ kinds }: Haystack, at: number): number =>
  BONUS[(at === 0 ? Kind.delimiter : kinds[at - 1]!) * KINDS + kinds[at]!]!;

/** The score of one character at one place. `before`: the place of the character before it, as far as that counts. */
export function scoreOfOne(haystack: Haystack, at: number, before: number): number {
  const kind = before < 0 ? Kind.delimiter : haystack.kinds[before]!;
  return MATCH + BONUS[kind * KINDS + haystack.kinds[at]!]! * FIRST_TIMES;
}

/**
 * The score when each character of `needle` is taken where it comes first between `start` and `end`. `positions` gets
 * the places.
 */
export function scoreInOrder(
  haystack: Haystack,
  needle: Uint32Array,
  start: number,
  end: number,
  positions?: number[],
): number {
  const { folded } = haystack;
  let run = bonusAt(haystack, start);
  let score = MATCH + run * FIRST_TIMES;
  let next = 1;
  let inGap = false;
  let isRun = true;
  positions?.push(start);
  for (let at = start + 1; at < end; at++) {
    if (folded[at] === needle[Math.min(next, needle.length - 1)]) {
      let more = bonusAt(haystack, at);
      if (isRun) {
        if (more >= BOUNDARY && more > run) run = more;
        more = Math.max(more, run, CONSECUTIVE);
      } else run = more;
      score += MATCH + more;
      positions?.push(at);
      inGap = false;
      isRun = true;
      next++;
    } else {
      score = Math.max(0, score - (inGap ? GAP_MORE : GAP_START));
      inGap = true;
      isRun = false;
    }
  }
  return score;
}

/** Room for the rows, which the next name uses again. */
let scores = new Uint16Array(256);
let runs = new Uint8Array(256);
let bonuses = new Uint8Array(256);
let steps = new Uint8Array(4096);
let firsts = new Uint16Array(64);

/** In a cell: the score before it comes from a match directly before the gap; the match continues a run. */
const FROM_MATCH = 1;
const IN_RUN = 2;

/**
 * The best score of all ways to find the characters of `needle` in this order between `start` and `end`, and where they
 * are. Null: they are not there. `needle` has at least two characters.
 *
 * Smith-Waterman with affine gaps. Row r has in column c the best score with character r of the needle at c; a row
 * begins at the first place where its character can be. The score of a gap that ends at c is carried along.
 */
export function scoreOfBest(
  haystack: Haystack,
  needle: Uint32Array,
  start: number,
  end: number,
  positions?: number[],
): number | null {
  const width = end - start;
  const rows = needle.length;
  const { folded } = haystack;
  if (scores.length < width) {
    scores = new Uint16Array(width * 2);
    runs = new Uint8Array(width * 2);
    bonuses = new Uint8Array(width * 2);
  }
  if (firsts.length < rows) firsts = new Uint16Array(rows * 2);
  let row = 0;
  for (let at = 0; at < width; at++) {
    bonuses[at] = bonusAt(haystack, start + at);
    if (row < rows && folded[start + at] === needle[row]) firsts[row++] = at;
  }
  if (row < rows) return null;
  const traced = positions !== undefined;
  if (traced && steps.length < rows * width) steps = new Uint8Array(rows * width * 2);

  // The first row.
  const first = needle[0]!;
  for (let at = firsts[0]!; at < width; at++) {
    const matches = folded[start + at] === first;
    scores[at] = matches ? MATCH + bonuses[at]! * FIRST_TIMES : 0;
    runs[at] = matches ? bonuses[at]! : 0;
    if (traced) steps[at] = 0;
  }
  for (let r = 1; r < rows; r++) fillRow(haystack, needle[r]!, r, start, width, traced);

  let best = firsts[rows - 1]!;
  for (let at = best + 1; at < width; at++) if (scores[at]! >= scores[best]!) best = at;
  const score = scores[best]!;
  if (positions !== undefined) trace(positions, best, rows, width, start);
  return score;
}

/** Replaces the scores of row r - 1 by those of row r. */
function fillRow({ folded }: Haystack, char: number, r: number, start: number, width: number, traced: boolean): void {
  const from = firsts[r - 1]!;
  const begin = firsts[r]!;
  let gap = 0;
  let before = 0;
  const above = (r - 1) * width;
  const here = r * width;
  // The score and the run of row r - 1 in the column before, which the loop overwrites.
  let leftScore = 0;
  let leftRun = 0;
  let leftGap = 0;
  for (let at = from; at < width; at++) {
    const score = scores[at]!;
    const run = runs[at]!;
    if (at >= begin) {
      if (folded[start + at] === char) {
        const more = bonuses[at]!;
        let continued = 0;
        let nextRun = 0;
        if (leftScore > 0) {
          nextRun = Math.max(leftRun, CONSECUTIVE);
          if (more >= BOUNDARY && more > nextRun) nextRun = more;
          continued = leftScore + Math.max(nextRun, more);
        }
        const skipped = leftGap + more;
        const inRun = leftScore > 0 && continued > skipped;
        scores[at] = MATCH + (inRun ? continued : skipped);
        runs[at] = inRun ? nextRun : more;
        if (traced) steps[here + at] = inRun ? IN_RUN : 0;
      } else {
        scores[at] = 0;
        runs[at] = 0;
        if (traced) steps[here + at] = 0;
      }
    }
    // The gap that ends at this column, for the next one.
    const fromMatch = Math.max(0, before - GAP_START);
    const fromGap = Math.max(0, gap - GAP_MORE);
    const isFromMatch = fromMatch > fromGap;
    gap = isFromMatch ? fromMatch : fromGap;
    if (traced && isFromMatch) steps[above + at]! |= FROM_MATCH;
    before = score;
    leftScore = score;
    leftRun = run;
    leftGap = gap;
  }
}

/** Walks back from the last match. */
function trace(positions: number[], last: number, rows: number, width: number, start: number): void {
  const found = new Array<number>(rows);
  let row = rows - 1;
  let at = last;
  found[row] = start + at;
  let isMatch = (steps[row * width + at]! & IN_RUN) !== 0;
  at--;
  row--;
  while (row >= 0) {
    const cell = steps[row * width + at]!;
    if (isMatch) {
      found[row] = start + at;
      row--;
      isMatch = (cell & IN_RUN) !== 0;
    } else isMatch = (cell & FROM_MATCH) !== 0;
    at--;
  }
  positions.push(...found);
}
