/** Finds one word of a query in one name. */
import { Kind } from './characters.js';
import { bonusAt, DELIMITER_BOUNDARY, scoreInOrder, scoreOfBest, scoreOfOne, type Haystack } from './alignment.js';
import type { Word } from './pattern.js';

/** A larger table of scores is not made: the word is taken where it comes first (nucleo's limit). */
const MOST_CELLS = 100 * 1024;

/** The score of a word that is found, and its places; null: not found. `negated` is not for here. */
export function matchWord(word: Word, haystack: Haystack, positions?: number[]): number | null {
  const { needle } = word;
  const { length } = haystack;
  if (needle.length > length) return null;
  switch (word.form) {
    case 'fuzzy':
      return needle.length === length ? exact(haystack, needle, 0, positions) : fuzzy(haystack, needle, positions);
    case 'substring':
      return needle.length === length ? exact(haystack, needle, 0, positions) : substring(haystack, needle, positions);
    case 'start':
      return exact(haystack, needle, leadingSpace(haystack, needle), positions);
    case 'end':
      return exact(haystack, needle, length - trailingSpace(haystack, needle) - needle.length, positions);
    case 'whole': {
      const start = leadingSpace(haystack, needle);
      const end = length - trailingSpace(haystack, needle);
      return end - start === needle.length ? exact(haystack, needle, start, positions) : null;
    }
  }
}

/** Spaces around a name do not count, unless the word has them, too. */
function leadingSpace({ kinds, length }: Haystack, needle: Uint32Array): number {
  if (isSpace(needle[0]!)) return 0;
  let count = 0;
  while (count < length && kinds[count] === Kind.whitespace) count++;
  return count;
}
function trailingSpace({ kinds, length }: Haystack, needle: Uint32Array): number {
  if (isSpace(needle.at(-1)!)) return 0;
  let count = 0;
  while (count < length && kinds[length - 1 - count] === Kind.whitespace) count++;
  return count;
}
const isSpace = (code: number): boolean => /\s/u.test(String.fromCodePoint(code));

function occursAt({ folded, length }: Haystack, needle: Uint32Array, start: number): boolean {
  if (start < 0 || start + needle.length > length) return false;
  for (let at = 0; at < needle.length; at++) if (folded[start + at] !== needle[at]) return false;
  return true;
}

function exact(haystack: Haystack, needle: Uint32Array, start: number, positions?: number[]): number | null {
  if (!occursAt(haystack, needle, start)) return null;
  return scoreInOrder(haystack, needle, start, start + needle.length, positions);
}

/** The place whose first character counts most, the first of such. */
function substring(haystack: Haystack, needle: Uint32Array, positions?: number[]): number | null {
  if (needle.length === 1) return bestOfOne(haystack, needle[0]!, positions);
  let best = -1;
  let most = -1;
  for (let at = 0; at + needle.length <= haystack.length; at++) {
    if (!occursAt(haystack, needle, at)) continue;
    const bonus = bonusAt(haystack, at);
    if (bonus <= most) continue;
    [best, most] = [at, bonus];
    if (bonus >= DELIMITER_BOUNDARY) break;
  }
  return best < 0 ? null : scoreInOrder(haystack, needle, best, best + needle.length, positions);
}

function fuzzy(haystack: Haystack, needle: Uint32Array, positions?: number[]): number | null {
  const { folded, length } = haystack;
  if (needle.length === 1) return bestOfOne(haystack, needle[0]!, positions);
  const start = folded.indexOf(needle[0]!);
  if (start < 0 || start > length - needle.length) return null;
  let greedyEnd = start + 1;
  for (let next = 1; next < needle.length; next++) {
    while (greedyEnd < length && folded[greedyEnd] !== needle[next]) greedyEnd++;
    if (greedyEnd >= length) return null;
    greedyEnd++;
  }
  let end = length;
  while (folded[end - 1] !== needle.at(-1)) end--;
  if (end - start === needle.length) return scoreInOrder(haystack, needle, start, end, positions);
  if ((end - start) * needle.length > MOST_CELLS) return takeShort(haystack, needle, start, greedyEnd, positions);
  return scoreOfBest(haystack, needle, start, end, positions);
}

function bestOfOne(haystack: Haystack, char: number, positions?: number[]): number | null {
  let best = -1;
  let most = 0;
  let last = -1;
  for (let at = 0; at < haystack.length; at++) {
    if (haystack.folded[at] !== char) continue;
    // In paths that are not ASCII, the official program takes the place before for the last place that was found.
    const score = scoreOfOne(haystack, at, haystack.isAscii || last < 0 ? at - 1 : last);
    last = at;
    if (score > most) [best, most] = [at, score];
  }
  if (best < 0) return null;
  positions?.push(best);
  return most;
}

/** The first end, and from there the last start. */
function takeShort(haystack: Haystack, needle: Uint32Array, first: number, end: number, positions?: number[]): number {
  let start = end - 1;
  for (let left = needle.length - 1; start > first; start--) {
    if (haystack.folded[start] === needle[left] && left-- === 0) break;
  }
  return scoreInOrder(haystack, needle, start, end, positions);
}
